"""Covers the store of films: the processor's own tiles, and blocks that are never made twice."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import films
from training.demo_folder import image_processor
from training.films import open_store, tiles_of, training_phantom
from training.phantom import sample

SIZE = 192


@pytest.mark.parametrize("index", range(4))
def test_tiles_are_those_of_the_stock_processor(index: int) -> None:
    phantom = sample(5, index)
    wide, tall = min(224, round(224 * phantom.aspect)), min(224, round(224 / phantom.aspect))
    film = Image.fromarray((phantom.render(wide, tall) * 255 + 0.5).astype(np.uint8))
    seen = image_processor()(images=[film.convert("RGB")], return_tensors="np")["pixel_values"][0]
    made = tiles_of(phantom, SIZE).astype(np.float32) / 127.5 - 1
    assert seen.shape == (2, 3, SIZE, SIZE)
    assert np.abs(seen[0, 0] - made[0]).max() < 0.01
    # The other tile's padding may differ by one row or column, never its scale.
    assert np.corrcoef(seen[1, 0].ravel(), made[1].ravel())[0, 1] > 0.99


def test_a_store_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "_BLOCK", 2)
    whole = open_store(tmp_path, 9, 4, 32)
    assert whole.tiles.shape == (4, 2, 32, 32)
    first, second = sorted(tmp_path.glob("truth-*.jsonl"))
    before = first.stat().st_mtime_ns
    second.unlink()
    again = open_store(tmp_path, 9, 4, 32)
    assert np.array_equal(again.tiles, whole.tiles)
    assert again.truths == whole.truths == [training_phantom(9, i).truth() for i in range(4)]
    assert first.stat().st_mtime_ns == before


def test_the_training_mix_has_more_findings_than_life() -> None:
    normal = [not training_phantom(9, index).findings for index in range(200)]
    assert sum(normal[1::2]) == 0
    assert 15 <= sum(normal[0::2]) <= 45
