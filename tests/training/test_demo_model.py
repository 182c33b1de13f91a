"""Covers the committed demonstration model: its size, and right answers on a few unseen phantoms.

Its figures are `firstread evaluate --phantoms`'s; here a handful of films shows that the folder in
the tree is whole, fits its tokenizer and sees.
"""

import json
from pathlib import Path

import pytest
import torch
from transformers import LlavaOnevisionForConditionalGeneration

from core.labels import Label
from reader import prompts
from reader.parse_boxes import parse_boxes
from training.films import TRAINING_SEED, VALIDATION_SEED
from training.findings import LABELS
from training.phantom import Phantom, sample
from training.quick_figures import Asker, named_labels, overlap, picture
from training.records import record_of

FOLDER = Path(__file__).parents[2] / "reader" / "demo_model"
SEED = 90_001


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker(FOLDER)


def test_it_is_small_and_says_what_it_is() -> None:
    sizes = [path.stat().st_size for path in FOLDER.iterdir()]
    assert sum(sizes) <= 16_000_000
    declared = json.loads((FOLDER / "firstread.json").read_text(encoding="utf-8"))
    assert declared["demo"] is True
    assert declared["family"] == "radvlm"
    assert [Label(label) for label in declared["labels"]] == [Label(label) for label in LABELS]
    assert "phantoms only" in declared["intended_use"]


def test_every_weight_loads() -> None:
    model, report = LlavaOnevisionForConditionalGeneration.from_pretrained(
        FOLDER, dtype=torch.float32, output_loading_info=True
    )
    assert not any(report[what] for what in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert 5e6 < sum(weight.numel() for weight in model.parameters()) < 8e6


def test_it_names_what_is_plain_to_see(asker: Asker) -> None:
    assert SEED not in {TRAINING_SEED, VALIDATION_SEED}
    plain = ("cardiomegaly", "pneumothorax", "pleural effusion", "edema")
    films = [sample(SEED, index, findings=(label,)) for index, label in enumerate(plain)]
    films += [sample(SEED, 10 + index, findings=()) for index in range(2)]
    answers = asker.ask([picture(film) for film in films], [prompts.CLASSIFICATION] * len(films))
    said = [named_labels(answer) for answer in answers]
    assert None not in said
    right = sum(set(film.labels()) == names for film, names in zip(films, said, strict=True))
    assert right >= len(films) - 2


@pytest.mark.parametrize("size", [512, 1024])
def test_it_places_them_at_any_size_and_aspect(asker: Asker, size: int) -> None:
    films = [_unlike_square(label) for label in ("cardiomegaly", "pneumothorax")]
    questions = [prompts.grounding(film.labels()[0]) for film in films]
    answers = asker.ask([picture(film, size) for film in films], questions)
    for film, answer in zip(films, answers, strict=True):
        true = record_of(film.truth(), image="x").findings[0].boxes
        said = parse_boxes(answer)
        assert said.well_formed
        assert max(overlap(box, other) for box in said.boxes for other in true) > 0.5


def _unlike_square(label: str) -> Phantom:
    films = (sample(SEED, index, findings=(label,)) for index in range(20, 60))
    return next(film for film in films if abs(film.aspect - 1) > 0.1)
