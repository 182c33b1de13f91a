"""Pixels that are not square: what is believed of them, and the picture in its true proportions."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from imaging.aspect import pixel_aspect, squared
from imaging.film import load_film
from imaging.header import read_header
from tests.imaging.making import film, smooth


def header(**values: Any) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("values", "ratio"),
    [
        ({}, 1.0),
        ({"PixelSpacing": None}, 1.0),
        ({"PixelSpacing": [0.0, 0.0]}, 1.0),
        ({"PixelSpacing": [0.0, 0.0], "PixelAspectRatio": [2, 1]}, 2.0),
        ({"PixelSpacing": [0.143, 0.143]}, 1.0),
        ({"PixelSpacing": [0.143, 0.1436]}, 1.0),
        ({"PixelSpacing": [0.2, 0.1]}, 2.0),
        ({"ImagerPixelSpacing": [0.1, 0.2]}, 0.5),
        ({"NominalScannedPixelSpacing": [0.3, 0.2]}, 1.5),
        ({"PixelAspectRatio": [4, 3]}, 4 / 3),
        ({"PixelSpacing": [0.1, 0.1], "PixelAspectRatio": [2, 1]}, 1.0),
        ({"PixelSpacing": None, "PixelAspectRatio": [2, 1]}, 2.0),
    ],
)
def test_the_first_that_says_something_is_believed(values: dict[str, Any], ratio: float) -> None:
    found, remarks = pixel_aspect(header(**values))
    assert found == pytest.approx(ratio)
    assert [remark.code for remark in remarks] == ([] if ratio == 1 else ["pixels_not_square"])


@pytest.mark.parametrize(
    "values",
    [
        {"PixelSpacing": [0.0, 0.1]},
        {"PixelSpacing": [0.1, 0.0]},
        {"PixelSpacing": [-0.2, -0.1]},
        {"PixelSpacing": [0.1]},
        {"PixelSpacing": [0.1, 0.2, 0.3]},
        {"PixelSpacing": [0.1, 5.0]},
        {"PixelAspectRatio": [1, 400]},
    ],
)
def test_what_is_no_proportion_is_left_out_and_said(values: dict[str, Any]) -> None:
    found, remarks = pixel_aspect(header(**values))
    assert found == 1.0
    assert [remark.code for remark in remarks] == ["aspect_ignored"]


def test_no_real_film_has_odd_proportions(real_data: Path) -> None:
    names = [f"derived/cr_pa_mono1_15bit_{coding}.dcm" for coding in ("jpegls", "explicit_le")]
    for name in ("dicom/RG1_J2KI.dcm", "dicom/highdicom_dx_dog_lateral.dcm", *names):
        assert pixel_aspect(read_header(real_data / name)) == (1.0, ())


@pytest.mark.parametrize(("aspect", "size"), [(2.0, (192, 80)), (0.5, (96, 160))])
def test_the_picture_is_stretched_to_its_proportions(
    tmp_path: Path, aspect: float, size: tuple[int, int]
) -> None:
    window: dict[str, Any] = {"WindowCenter": "2048", "WindowWidth": "4096"}
    plain = load_film(film(tmp_path / "plain.dcm", **window))
    stretched = load_film(film(tmp_path / "film.dcm", **window, PixelSpacing=[0.1 * aspect, 0.1]))
    assert stretched.pixels.shape == size
    assert (stretched.rows, stretched.columns) == (96, 80)
    back = stretched.pixels.reshape(96, size[0] // 96, 80, size[1] // 80).mean(axis=(1, 3))
    assert np.abs(back - plain.pixels).mean() < 1.0


def test_a_picture_that_would_be_too_large_is_refused() -> None:
    pixels = (smooth() >> 4).astype(np.uint8)
    assert squared(pixels, 1.0, maximum_pixels=1) is pixels
    assert squared(pixels, 2.0, maximum_pixels=192 * 80).shape == (192, 80)
    with pytest.raises(UnreadableObjectError, match="192 x 80 square pixels, at most 15359"):
        squared(pixels, 2.0, maximum_pixels=192 * 80 - 1)
