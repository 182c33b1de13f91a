"""Rows that never came are told from frames and soft borders; every real film passes.

Not covered, because nothing in the pixels tells: a film with a shutter of zeros that broke off in
its last fifth.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import FirstReadError, UnreadableObjectError
from imaging.bits import Cells
from imaging.completeness import completeness_remarks
from imaging.decode import decode
from imaging.film import load_film
from tests.imaging.making import film, smooth

ROWS, COLUMNS = 400, 320


def picture() -> NDArray[np.uint16]:
    """Make a film without a zero, with noise."""
    noise = np.random.default_rng(3).normal(0, 20, (ROWS, COLUMNS))
    return np.clip(smooth(ROWS, COLUMNS, 3500) + 300 + noise, 1, 4095).astype(np.uint16)


def codes(stored: Cells, *, zero_is_padding: bool = False) -> list[str]:
    return [each.code for each in completeness_remarks(stored, zero_is_padding=zero_is_padding)]


@pytest.mark.parametrize(
    ("start", "end"), [(0.7, 1.0), (0.97, 1.0), (0.0, 0.3), (0.5, 0.75), (0.4, 0.43)]
)
def test_missing_rows_are_refused(start: float, end: float) -> None:
    stored = picture().ravel()
    # Not at the beginning of a row: bytes break off anywhere.
    stored[max(0, int(start * stored.size) - 77) : int(end * stored.size) + 31] = 0
    with pytest.raises(UnreadableObjectError, match=r"rows are missing: \d+ to \d+ of 400"):
        codes(stored.reshape(ROWS, COLUMNS))


def test_the_rows_are_named(tmp_path: Path) -> None:
    stored = picture()
    stored[300:] = 0
    with pytest.raises(UnreadableObjectError, match="301 to 400 of 400"):
        load_film(film(tmp_path / "film.dcm", stored))


@pytest.mark.parametrize("sides", ["top and bottom", "all", "bottom and left"])
def test_a_frame_is_no_missing_part(sides: str) -> None:
    stored = picture()
    stored[-30:] = 0
    if sides != "bottom and left":
        stored[:40] = 0
    if sides != "top and bottom":
        stored[:, :25] = 0
    assert codes(stored) == []


def test_letters_in_a_frame_make_no_band_in_the_picture() -> None:
    stored = picture()
    stored[:40] = stored[-40:] = 0
    stored[10:20, 30:90] = 4095
    assert codes(stored) == []


def test_a_large_part_of_a_frame_is_remarked_on() -> None:
    stored = picture()
    stored[:20] = stored[-100:] = 0
    assert codes(stored) == ["rows_missing"]


@pytest.mark.parametrize("rows", [slice(300, 400), slice(150, 200)])
def test_padding_is_only_remarked_on(rows: slice) -> None:
    stored = picture()
    stored[rows] = 0
    assert codes(stored, zero_is_padding=True) == ["rows_missing"]


def test_a_header_that_names_zero_as_padding(tmp_path: Path) -> None:
    stored = picture()
    stored[300:] = 0
    found = load_film(film(tmp_path / "film.dcm", stored, PixelPaddingValue=0))
    assert "rows_missing" in [remark.code for remark in found.remarks]


def test_a_soft_border_and_a_few_rows_are_let_be() -> None:
    soft = picture().astype(np.float64)
    soft *= np.clip((330 - np.arange(ROWS)) / 60.0, 0, 1)[:, None]
    assert codes(soft.astype(np.uint16)) == []
    few = picture()
    few[-6:] = 0
    assert codes(few) == []


def test_a_border_across_part_of_the_width_is_remarked_on() -> None:
    stored = picture()
    stored[280:, : COLUMNS * 7 // 10] = 1
    stored[300:] = 0
    assert codes(stored) == ["rows_missing"]


def test_every_real_film_is_complete(real_data: Path) -> None:
    seen = 0
    for path in sorted(real_data.glob("*/*.dcm")):
        try:
            decoded = decode(path, maximum_pixels=10_000_000)
        except FirstReadError:
            continue
        if decoded.values.ndim == 2:
            seen += 1
            assert codes(decoded.values) == [], path.name
    assert seen > 20
