"""What the two LLaVA families with a picture of one square have in common."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from reader.engines.local_model import LocalModel
from reader.weights import strict_loading
from reader.weights.picture_values import PictureValues
from reader.weights.segment_tokenizer import SegmentTokenizer


def square_model(
    path: Path,
    model: Any,
    tokenizer: Any,
    *,
    image_token: str,
    values: PictureValues,
    prepared: Callable[[Image.Image], Image.Image] = lambda picture: picture,
) -> LocalModel:
    """Put a loaded LLaVA and what belongs to it together.

    Parameters
    ----------
    path
        Its folder, for what its generation file says.
    model, tokenizer
        As `reader.weights.strict_loading` gives them.
    image_token
        The text that stands for the film in its prompts.
    values
        From a picture to pixels.
    prepared
        What is done to a picture before.
    """
    image_id = int(model.config.image_token_id)

    def image_tensors(picture: Image.Image) -> Mapping[str, torch.Tensor]:
        return {"pixel_values": values.pixels(prepared(picture))}

    def features(tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        pixels = tensors["pixel_values"].to(model.device, model.dtype)
        found: torch.Tensor = model.get_image_features(pixels).pooler_output[0]
        return found

    return LocalModel(
        model=model,
        tokenizer=SegmentTokenizer(tokenizer, image_token),
        image_tensors=image_tensors,
        features=features,
        image_id=image_id,
        end_ids=strict_loading.end_ids(path, tokenizer),
        marks=tuple(tokenizer.get_added_vocab()),
        silent_ids=strict_loading.silent_ids(model, tokenizer, image_id),
        repetition_penalty=strict_loading.repetition_penalty(path),
    )
