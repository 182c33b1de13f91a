"""Instruction data for a LLaVA-OneVision model: samples, and batches of them as tensors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image
from torch.utils.data import Dataset
from transformers import LlavaOnevisionForConditionalGeneration, PreTrainedTokenizerBase
from transformers.models.llava_onevision.modeling_llava_onevision import image_size_to_num_patches

from core.errors import SettingsError
from reader import prompts
from training.packing import IGNORED, answer_tokens

Turn = tuple[str, str]
_SPEAKERS: Final = ("human", "gpt")


@dataclass(frozen=True)
class Sample:
    """One conversation about one picture.

    Parameters
    ----------
    image
        The picture's file.
    turns
        Questions with their answers, at least one.
    """

    image: Path
    turns: tuple[Turn, ...]


def read_samples(path: Path, images: Path) -> list[Sample]:
    """Read a file in LLaVA's format.

    Parameters
    ----------
    path
        A JSON list as `training.instructions` writes it.
    images
        Folder that the pictures' paths start from.

    Raises
    ------
    SettingsError
        If a sample is not as it should be or its picture is not there; training for days on what
        was meant otherwise is worse than not to start.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}"
        raise SettingsError(message) from error
    if not isinstance(values, list) or not values:
        message = f"{path} is no list of samples"
        raise SettingsError(message)
    return [_sample(value, number, images) for number, value in enumerate(values)]


def _sample(value: Any, number: int, images: Path) -> Sample:
    try:
        messages = value["conversations"]
        image = images / str(value["image"])
        said = [str(message["value"]) for message in messages]
        speakers = [message["from"] for message in messages]
    except (KeyError, TypeError) as error:
        message = f"sample {number} lacks {error}: {value!r}"
        raise SettingsError(message) from error
    if not said or len(said) % 2 or speakers != list(_SPEAKERS) * (len(said) // 2):
        message = f"sample {number}: human and gpt must take turns, human first, not {speakers}"
        raise SettingsError(message)
    marked = [prompts.IMAGE_TOKEN in text for text in said]
    if not said[0].startswith(f"{prompts.IMAGE_TOKEN}\n") or any(marked[1:]):
        message = f"sample {number}: {prompts.IMAGE_TOKEN} must begin the first turn and no other"
        raise SettingsError(message)
    if not image.is_file():
        message = f"sample {number}: there is no picture {image}"
        raise SettingsError(message)
    said[0] = said[0].removeprefix(f"{prompts.IMAGE_TOKEN}\n")
    return Sample(image, tuple(zip(said[0::2], said[1::2], strict=True)))


class Samples(Dataset[Sample]):
    """Samples in the form that the Trainer takes."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        """Give their number."""
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        """Give one."""
        return self._samples[index]


def film_tokens(model: LlavaOnevisionForConditionalGeneration, height: int, width: int) -> int:
    """Count the tokens that a picture becomes, by the model's own packing.

    Parameters
    ----------
    model
        The model, for its configuration.
    height, width
        Size of the picture in pixels.
    """
    config = model.config
    side = config.vision_config.image_size // config.vision_config.patch_size
    tiles = image_size_to_num_patches(
        torch.tensor([height, width]), config.image_grid_pinpoints, config.vision_config.image_size
    )
    packed, _ = model.model.pack_image_features(
        [torch.zeros(tiles, side * side, 1)],
        torch.tensor([[height, width]]),
        image_newline=torch.zeros(1),
        vision_aspect_ratio=config.vision_aspect_ratio,
    )
    return len(packed[0])


@dataclass(frozen=True)
class Batcher:
    """Turns samples into what the model's `forward` takes.

    Parameters
    ----------
    model
        The model, for its configuration.
    tokenizer, image_processor
        Its own.
    system
        Whether RadVLM's system turn comes first, as in its training.
    """

    model: LlavaOnevisionForConditionalGeneration
    tokenizer: PreTrainedTokenizerBase
    image_processor: Any
    system: bool = False

    def __call__(self, samples: Sequence[Sample]) -> dict[str, torch.Tensor]:
        """Make a batch; `labels` holds the answers' tokens and `IGNORED` everywhere else."""
        pictures = [_picture(sample.image) for sample in samples]
        seen = self.image_processor(images=pictures, return_tensors="pt")
        rows = [
            self._row(sample, size)
            for sample, size in zip(samples, seen["image_sizes"].tolist(), strict=True)
        ]
        length = max(len(tokens) for tokens, _ in rows)
        pad = self.tokenizer.pad_token_id
        ids = [tokens + [pad] * (length - len(tokens)) for tokens, _ in rows]
        labels = [learnt + [IGNORED] * (length - len(learnt)) for _, learnt in rows]
        used = [[1] * len(tokens) + [0] * (length - len(tokens)) for tokens, _ in rows]
        return {
            "input_ids": torch.tensor(ids),
            "attention_mask": torch.tensor(used),
            "labels": torch.tensor(labels),
            "pixel_values": seen["pixel_values"],
            "image_sizes": seen["image_sizes"],
        }

    def _row(self, sample: Sample, size: list[int]) -> tuple[list[int], list[int]]:
        start = self.tokenizer(prompts.before_image(system=self.system), add_special_tokens=False)
        count = film_tokens(self.model, size[0], size[1])
        before = start.input_ids + [self.model.config.image_token_id] * count
        tokens, learnt = answer_tokens(self.tokenizer, sample.turns)
        return before + tokens, [IGNORED] * len(before) + learnt


def _picture(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")
