"""A first look at a demonstration model's folder, through the stock classes alone.

The official figures are `firstread evaluate --phantoms`; these tell whoever trains a model, in a
minute or two, whether to go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from transformers import AutoTokenizer, LlavaOnevisionForConditionalGeneration
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)

from core.reading import Box
from reader import prompts
from reader.parse_boxes import parse_boxes
from training.findings import LABELS
from training.phantom import Phantom, sample

_BATCH: Final = 20
_LONG_SIDE: Final = 512
_HIT: Final = 0.5


class Asker:
    """A model's folder that answers questions about pictures, greedily.

    Parameters
    ----------
    folder
        A LLaVA-OneVision folder.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._pictures = LlavaOnevisionImageProcessorPil.from_pretrained(folder)
        self._model = LlavaOnevisionForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32
        ).eval()

    def ask(self, pictures: Sequence[Image.Image], questions: Sequence[str]) -> list[str]:
        """Ask each picture its question."""
        answers: list[str] = []
        for first in range(0, len(pictures), _BATCH):
            some = list(pictures[first : first + _BATCH])
            answers += self._ask_batch(some, questions[first : first + _BATCH])
        return answers

    @torch.inference_mode()
    def _ask_batch(self, pictures: list[Image.Image], questions: Sequence[str]) -> list[str]:
        seen = self._pictures(images=pictures, return_tensors="pt")
        films = self._model.get_image_features(
            seen["pixel_values"],
            seen["image_sizes"],
            vision_feature_layer=-1,
            vision_feature_select_strategy="full",
        ).pooler_output
        texts = [
            f"{prompts.before_image(system=False)}{prompts.IMAGE_TOKEN * len(film)}"
            f"{prompts.after_image([], question)}"
            for film, question in zip(films, questions, strict=True)
        ]
        asked = self._tokenizer(texts, padding=True, return_tensors="pt")
        tokens = self._model.generate(
            input_ids=asked["input_ids"],
            attention_mask=asked["attention_mask"],
            pixel_values=seen["pixel_values"],
            image_sizes=seen["image_sizes"],
        )
        said = tokens[:, asked["input_ids"].shape[1] :]
        answers: list[str] = self._tokenizer.batch_decode(said, skip_special_tokens=True)
        return answers


def picture(phantom: Phantom, long_side: int = _LONG_SIDE) -> Image.Image:
    """Render a phantom as the RGB picture that a reader is given."""
    wide = min(long_side, round(long_side * phantom.aspect))
    tall = min(long_side, round(long_side / phantom.aspect))
    film = (phantom.render(wide, tall) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(film).convert("RGB")


def named_labels(answer: str) -> set[str] | None:
    """Give the labels a classification answer lists, None where it makes no sense."""
    if answer in prompts.ANSWERS_NONE:
        return set()
    listed = re.fullmatch(r"The following abnormalit(?:y is|ies are) present: (.+)\.", answer)
    names = re.split(r", | and ", listed.group(1)) if listed else []
    return set(names) if names and set(names) <= set(LABELS) else None


def quick_figures(folder: Path, seed: int, count: int) -> dict[str, Any]:
    """Measure a folder on phantoms.

    Parameters
    ----------
    folder
        The model's.
    seed, count
        Which phantoms, of the default difficulty.

    Returns
    -------
    dict
        `macro_f1`, `f1` by label, `parsed` (share of answers that make sense), and of grounding
        questions about what is there `recall50` (share of true boxes met at IoU 0.5) and
        `precision50` (share of given boxes that meet one).
    """
    asker = Asker(folder)
    phantoms = [sample(seed, index) for index in range(count)]
    pictures = [picture(phantom) for phantom in phantoms]
    said = [named_labels(a) for a in asker.ask(pictures, [prompts.CLASSIFICATION] * count)]
    scores = {
        label: _f1(
            [label in (names or ()) for names in said], [label in p.labels() for p in phantoms]
        )
        for label in LABELS
    }
    asked = [(row, found) for row, phantom in enumerate(phantoms) for found in phantom.findings]
    answers = asker.ask(
        [pictures[row] for row, _ in asked], [prompts.grounding(found.label) for _, found in asked]
    )
    given = [parse_boxes(answer) for answer in answers]
    met, wanted, right, drawn = 0, 0, 0, 0
    for (_, found), answer in zip(asked, given, strict=True):
        true = [Box(*box) for box in found.boxes]
        wanted += len(true)
        drawn += len(answer.boxes)
        met += sum(any(overlap(t, b) >= _HIT for b in answer.boxes) for t in true)
        right += sum(any(overlap(t, b) >= _HIT for t in true) for b in answer.boxes)
    sensible = sum(names is not None for names in said) + sum(a.well_formed for a in given)
    return {
        "phantoms": count,
        "macro_f1": round(sum(scores.values()) / len(scores), 4),
        "parsed": round(sensible / max(1, len(said) + len(given)), 4),
        "recall50": round(met / max(1, wanted), 4),
        "precision50": round(right / max(1, drawn), 4),
        "f1": {label: round(score, 4) for label, score in scores.items()},
    }


def overlap(one: Box, other: Box) -> float:
    """Give the intersection over union of two boxes."""
    wide = min(one.x2, other.x2) - max(one.x1, other.x1)
    tall = min(one.y2, other.y2) - max(one.y1, other.y1)
    if wide <= 0 or tall <= 0:
        return 0.0
    areas = [(box.x2 - box.x1) * (box.y2 - box.y1) for box in (one, other)]
    return wide * tall / (sum(areas) - wide * tall)


def _f1(said: Sequence[bool], true: Sequence[bool]) -> float:
    hits = sum(a and b for a, b in zip(said, true, strict=True))
    return 2 * hits / max(1, sum(said) + sum(true))
