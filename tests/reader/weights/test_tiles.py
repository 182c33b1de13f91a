"""LLaVA-OneVision's tiles are those of the processor of `transformers`, in its PIL backend.

Exactly, up to six times the size of a tile; above, where blocks are averaged first, to a grey
level. Not covered: a folder whose file lacks a value (`tests/reader/test_load.py`).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from transformers.image_processing_utils import select_best_resolution
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)

from core.errors import ModelFolderError
from reader.weights.tiles import TileValues, best_grid, tile_values
from tests.reader.weights.decoding import noise

SIDE = 28
GRIDS = [[SIDE * tall, SIDE * wide] for tall in (1, 2, 3) for wide in (1, 2, 3)]


def _values(**changed: Any) -> dict[str, Any]:
    return {
        "image_processor_type": "LlavaOnevisionImageProcessor",
        "size": {"height": SIDE, "width": SIDE},
        "image_grid_pinpoints": GRIDS,
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "do_pad": True,
        "resample": 3,
        "rescale_factor": 1 / 255,
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.5, 0.6, 0.7],
        **changed,
    }


def _folder(path: Path, **changed: Any) -> Path:
    (path / "preprocessor_config.json").write_text(json.dumps(_values(**changed)))
    return path


def _ours_and_theirs(folder: Path, film: Image.Image) -> tuple[torch.Tensor, torch.Tensor]:
    ours = tile_values(folder)(film)
    processor: Any = LlavaOnevisionImageProcessorPil.from_pretrained(folder)
    theirs = processor(images=film, return_tensors="pt")
    assert torch.equal(ours["image_sizes"], theirs["image_sizes"])
    assert ours["pixel_values"].dtype == theirs["pixel_values"].dtype == torch.float32
    return ours["pixel_values"], theirs["pixel_values"]


@pytest.mark.parametrize("size", [(90, 130), (131, 90), (56, 56), (57, 160), (20, 33), (28, 28)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_tiles_of_a_small_film_are_the_same(
    tmp_path: Path, mode: str, size: tuple[int, int]
) -> None:
    ours, theirs = _ours_and_theirs(_folder(tmp_path), noise(*size).convert(mode))
    assert ours.shape == theirs.shape
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_tiles_of_a_large_film_differ_by_a_grey_level(tmp_path: Path) -> None:
    down, along = np.mgrid[0:1100, 0:900]
    waves = np.sin(down / 137.0) * np.cos(along / 93.0) + np.sin((down + along) / 71.0)
    film = Image.fromarray(((waves + 2) / 4 * 255).astype(np.uint8))
    ours, theirs = _ours_and_theirs(_folder(tmp_path), film)
    level = 1 / 255 / 0.5
    assert (ours - theirs).abs().max() <= 1.01 * level
    assert (ours - theirs).abs().mean() < level / 3


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_the_grid_is_the_one_that_transformers_takes(height: int, width: int) -> None:
    grids = tuple((tall, wide) for tall, wide in GRIDS)
    assert best_grid(height, width, grids) == select_best_resolution((height, width), GRIDS)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"image_processor_type": "CLIPImageProcessor"}, "is CLIPImageProcessor"),
        ({"do_pad": False}, "must have do_pad"),
        ({"do_resize": None}, "does not say do_resize"),
        ({"size": {"shortest_edge": SIDE}}, "must be square"),
        ({"size": {"height": SIDE, "width": 2 * SIDE}}, "must be square"),
        ({"resample": 9}, "unknown filter 9"),
        ({"image_grid_pinpoints": []}, "multiples of 28"),
        ({"image_grid_pinpoints": [[28, 30]]}, "multiples of 28"),
        ({"image_grid_pinpoints": [[28]]}, "multiples of 28"),
        ({"image_std": [0.5, 0.5, 0.0]}, "image_std"),
    ],
)
def test_values_that_make_no_tiles_are_refused(
    tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelFolderError, match=message):
        tile_values(_folder(tmp_path, **changed))


def test_channels_have_their_own_mean() -> None:
    values = TileValues(
        4, ((4, 4),), Image.Resampling.BICUBIC, 1 / 255, (0.0, 0.5, 1.0), (1.0,) * 3
    )
    pixels = values(Image.new("L", (4, 4), 255))["pixel_values"]
    assert pixels.amin((0, 1, 3, 4)).tolist() == [1.0, 0.5, 0.0]
