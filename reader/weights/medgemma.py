"""Loads a MedGemma folder, which is a Gemma 3; the members of the family are loaded alike."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image
from transformers import Gemma3ForConditionalGeneration

from core.errors import ModelFolderError
from reader.engines.local_model import LocalModel
from reader.families.medgemma import (
    BOS,
    IMAGE_END,
    IMAGE_START,
    IMAGE_TOKEN,
    MEDGEMMA,
    TURN,
    TURN_END,
)
from reader.families.square import padded_to_square
from reader.weights import strict_loading
from reader.weights.picture_values import picture_values

_PROCESSOR: Final = "Gemma3ImageProcessor"


def load_medgemma(path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
    """Load a folder; see `reader.weights.loaders.Loader`."""
    model = strict_loading.load_weights(path, Gemma3ForConditionalGeneration, dtype, device)
    image_id = int(model.config.image_token_id)
    tokenizer = strict_loading.load_tokenizer(
        path,
        dict.fromkeys((BOS, TURN, TURN_END, IMAGE_START, IMAGE_END)) | {IMAGE_TOKEN: image_id},
    )
    _check_turns(path, tokenizer)
    values = picture_values(path, _PROCESSOR, int(model.config.vision_config.image_size))
    tokens = int(model.config.mm_tokens_per_image)

    def image_tensors(picture: Image.Image) -> Mapping[str, torch.Tensor]:
        return {"pixel_values": values.pixels(padded_to_square(picture))}

    def features(tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        pixels = tensors["pixel_values"].to(model.device, model.dtype)
        found: torch.Tensor = model.get_image_features(pixels).pooler_output[0]
        if len(found) != tokens:
            message = f"{path}: its tower gives {len(found)} tokens, its configuration {tokens}"
            raise ModelFolderError(message)
        return found

    def film_inputs(ids: Sequence[int]) -> Mapping[str, torch.Tensor]:
        kinds = [int(token == image_id) for token in ids]
        return {"token_type_ids": torch.tensor([kinds], device=model.device)}

    return LocalModel(
        model=model,
        tokenizer=tokenizer,
        image_tensors=image_tensors,
        features=features,
        image_id=image_id,
        end_ids=strict_loading.end_ids(path, tokenizer),
        marks=tuple(tokenizer.get_added_vocab()),
        turn_end=TURN_END,
        silent_ids=strict_loading.silent_ids(model, tokenizer, image_id),
        repetition_penalty=strict_loading.repetition_penalty(path),
        sliding_window=int(model.config.get_text_config().sliding_window),
        film_inputs=film_inputs,
    )


def _check_turns(path: Path, tokenizer: Any) -> None:
    image = {"type": "image"}
    messages = [
        {"role": "user", "content": [image, {"type": "text", "text": "a"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "b"}]},
        {"role": "user", "content": [{"type": "text", "text": "c"}]},
    ]
    prompt = MEDGEMMA.prompt([("a", "b")], "c")
    # The template marks the image's place; the processor then sets its tokens and lines.
    marked = prompt.before.removesuffix(f"\n\n{IMAGE_START}") + IMAGE_START
    expected = marked + prompt.after.removeprefix(f"{IMAGE_END}\n\n")
    strict_loading.check_turns(path, tokenizer, messages, expected)
