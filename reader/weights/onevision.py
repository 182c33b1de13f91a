"""Loads a LLaVA-OneVision folder: weights, tokenizer, image processor; nothing by default.

A weight that silently fails to load, or a processor that falls back on its class' values (CLIP's
mean, where RadVLM has 0.5), gives fluent nonsense. So every gap is an error here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, LlavaOnevisionForConditionalGeneration

from core.errors import ModelFolderError
from reader.engines.local_model import LocalModel
from reader.prompts import IMAGE_TOKEN, TURN_END, TURN_START
from reader.weights.strict_loading import (
    end_ids,
    load_weights,
    refused,
    repetition_penalty,
)
from reader.weights.tiles import tile_values


def load_onevision(path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
    """Load a folder.

    Raises
    ------
    ModelFolderError
        If anything is missing, left over, of another shape, broken, or not said by the folder.
    OutOfMemoryError
        If the device has no room for it.
    """
    tiles = tile_values(path)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, ImportError) as error:
        raise refused(path, "its tokenizer cannot be loaded", error) from error
    model = load_weights(path, LlavaOnevisionForConditionalGeneration, dtype, device)
    image_id = int(model.config.image_token_id)
    marks = tuple(tokenizer.get_added_vocab())
    gaps = [mark for mark in (IMAGE_TOKEN, TURN_START, TURN_END) if mark not in marks]
    if gaps or tokenizer.convert_tokens_to_ids(IMAGE_TOKEN) != image_id:
        lacks = ", ".join(gaps) or f"{IMAGE_TOKEN} as token {image_id}"
        message = f"{path}: its tokenizer lacks {lacks}"
        raise ModelFolderError(message)
    return LocalModel(
        model=model,
        tokenizer=tokenizer,
        image_tensors=tiles,
        features=Features(model),
        image_id=image_id,
        end_ids=end_ids(path, tokenizer),
        marks=marks,
        turn_end=TURN_END,
        repetition_penalty=repetition_penalty(path),
    )


@dataclass(frozen=True)
class Features:
    """From tiles to the film's embeddings.

    Parameters
    ----------
    model
        The loaded model.
    """

    model: Any

    def __call__(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Encode the tiles: [tokens, hidden]."""
        features: torch.Tensor = self.model.get_image_features(
            pixel_values=tensors["pixel_values"].to(self.model.device, self.model.dtype),
            image_sizes=tensors["image_sizes"].to(self.model.device),
        ).pooler_output[0]
        return features
