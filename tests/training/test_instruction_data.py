"""Covers batches for fine-tuning, and data that is refused before a run begins.

Labels lie on answers only, and there are as many image tokens as features. Runs a small random
LLaVA-OneVision of the real class.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import AutoTokenizer, LlavaOnevisionForConditionalGeneration
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)

from core.errors import SettingsError
from tests.reader.tiny_model import save_tiny_model
from training.instruction_data import Batcher, Sample, film_tokens, read_samples
from training.packing import IGNORED

SIZES = [(28, 28), (40, 90), (64, 50)]


@pytest.fixture(scope="module")
def batcher(tmp_path_factory: pytest.TempPathFactory) -> Batcher:
    folder = save_tiny_model(tmp_path_factory.mktemp("tiny"))
    model = LlavaOnevisionForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    return Batcher(
        model,
        AutoTokenizer.from_pretrained(folder),
        LlavaOnevisionImageProcessorPil.from_pretrained(folder),
    )


def samples(folder: Path) -> list[Sample]:
    made = []
    for number, size in enumerate(SIZES):
        path = folder / f"{number}.png"
        Image.new("L", size, 40 * number).save(path)
        made.append(Sample(path, (("What is it?", f"Film {number}."), ("Sure?", "Yes."))))
    return made


def test_labels_hold_the_answers_and_nothing_else(batcher: Batcher, tmp_path: Path) -> None:
    batch = batcher(samples(tmp_path))
    for number, (ids, labels) in enumerate(zip(batch["input_ids"], batch["labels"], strict=True)):
        learnt = labels[labels != IGNORED]
        assert batcher.tokenizer.decode(learnt) == f"Film {number}.<|im_end|>Yes.<|im_end|>"
        assert bool((ids[labels != IGNORED] == learnt).all())


def test_the_model_takes_the_batch_and_learns_from_answers(
    batcher: Batcher, tmp_path: Path
) -> None:
    batch = batcher(samples(tmp_path))
    loss = batcher.model(**batch).loss
    assert bool(loss.isfinite())
    masked = {**batch, "labels": torch.full_like(batch["labels"], IGNORED)}
    assert not bool(batcher.model(**masked).loss > 0)


@pytest.mark.parametrize("size", SIZES)
def test_tokens_are_counted_as_the_model_packs_them(
    batcher: Batcher, size: tuple[int, int]
) -> None:
    width, height = size
    seen = batcher.image_processor(images=[Image.new("RGB", size)], return_tensors="pt")
    features = batcher.model.get_image_features(
        seen["pixel_values"],
        seen["image_sizes"],
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    ).pooler_output[0]
    assert film_tokens(batcher.model, height, width) == len(features)


def test_the_system_turn_comes_first_where_it_is_asked_for(
    batcher: Batcher, tmp_path: Path
) -> None:
    made = samples(tmp_path)[:1]
    with_system = Batcher(batcher.model, batcher.tokenizer, batcher.image_processor, system=True)
    text = batcher.tokenizer.decode(with_system(made)["input_ids"][0])
    assert text.startswith("<|im_start|>system\nYou are a helpful assistant.<|im_end|>")
    assert batcher.tokenizer.decode(batcher(made)["input_ids"][0]).startswith("<|im_start|>user")


def said(*texts: str) -> list[dict[str, str]]:
    return [
        {"from": ("human", "gpt")[place % 2], "value": text} for place, text in enumerate(texts)
    ]


def test_a_file_of_samples_is_read(tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    data = tmp_path / "data.json"
    talk = said("<image>\nOne?", "1", "Two?", "2")
    data.write_text(json.dumps([{"id": "x", "image": "a.png", "conversations": talk}]))
    assert read_samples(data, tmp_path) == [
        Sample(tmp_path / "a.png", (("One?", "1"), ("Two?", "2")))
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "no list of samples"),
        ({}, "no list of samples"),
        ([{"image": "a.png"}], "conversations"),
        ([{"image": "a.png", "conversations": said("<image>\nOne?")}], "take turns"),
        ([{"image": "a.png", "conversations": said("One?", "1")}], "must begin the first turn"),
        (
            [{"image": "a.png", "conversations": said("<image>\nA?", "1", "<image>\nB?", "2")}],
            "must begin the first turn",
        ),
        ([{"image": "b.png", "conversations": said("<image>\nOne?", "1")}], "no picture"),
    ],
)
def test_data_that_is_not_as_it_should_be_is_refused(value: Any, text: str, tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    data = tmp_path / "data.json"
    data.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(SettingsError, match=text):
        read_samples(data, tmp_path)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_samples(tmp_path / "data.json", tmp_path)
