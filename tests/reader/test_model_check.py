"""The card of a model, and the self-test that finds one that does not look.

The tiny model's answers are noise; that it looks at its picture all the same is what counts.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ModelFolderError
from reader.engines.local import LocalEngine
from reader.film_reader import FilmReader
from reader.model_check import check_model, tokens_per_second
from reader.self_test import SelfTest, compare, drawn_chest, require_sight, self_test


@pytest.mark.parametrize(
    ("same_answers", "change", "passed"),
    [
        (False, None, True),
        (False, 0.0, True),
        (True, 0.3, True),
        (True, 0.005, False),
        (True, None, False),
    ],
)
def test_a_model_passes_if_anything_depends_on_the_picture(
    *, same_answers: bool, change: float | None, passed: bool
) -> None:
    assert SelfTest(same_answers, change, "nothing", "nothing").passed == passed


def test_a_model_that_looks_and_talks_noise_does_not_pass(tiny_reader: FilmReader) -> None:
    test = self_test(tiny_reader)
    assert test.looked
    assert test.chest_says.startswith("refused: ")
    assert not test.passed
    require_sight(tiny_reader)  # which asks for no sense


def test_a_watcher_hears_every_token_of_the_test(tiny_reader: FilmReader) -> None:
    heard: list[str] = []
    require_sight(tiny_reader, heard.append)
    assert len(heard) >= 2


def test_a_blind_model_is_found(tiny_reader: FilmReader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(tiny_reader.engine, LocalEngine)
    projector = tiny_reader.engine.model.model.model.multi_modal_projector
    plain = projector.forward

    def blind(features: torch.Tensor) -> torch.Tensor:
        dark: torch.Tensor = torch.zeros_like(plain(features))
        return dark

    monkeypatch.setattr(projector, "forward", blind)
    test = compare(tiny_reader)
    assert test.same_answers
    assert not test.looked
    with pytest.raises(ModelFolderError, match="does not look at its pictures"):
        require_sight(tiny_reader)


@pytest.mark.slow
def test_the_card_tells_what_an_administrator_must_know(tiny_folder: Path) -> None:
    card = check_model(tiny_folder, device="cpu")
    assert card["family"] == "radvlm"
    assert card["licence"]
    assert card["intended_use"]
    assert (card["dtype"], card["device"]) == ("float32", "cpu")
    assert card["parameters"] > 10_000
    assert card["load_seconds"] > 0
    assert card["reading_seconds"] > 0
    assert card["tokens_per_second"] > 0
    assert card["peak_memory_bytes"] >= 0
    assert card["layout"]
    assert {"report", "conversation"} <= set(card["tasks"])
    assert card["blank_says"].startswith("refused: the ")
    assert card["passed"] is False


def test_an_answer_of_one_token_has_no_speed(
    tiny_reader: FilmReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.model_check.time.perf_counter", lambda: 1.0)
    assert tokens_per_second(tiny_reader) is None


def test_a_folder_that_may_not_be_trusted_has_no_card(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"config\.json cannot be read"):
        check_model(tmp_path)


def test_the_drawn_chest_is_a_picture() -> None:
    chest = drawn_chest()
    assert (chest.shape, chest.dtype) == ((512, 512), np.dtype(np.uint8))
    assert chest.min() < 40
    assert chest.max() > 180
