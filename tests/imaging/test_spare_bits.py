"""Too few bits in the header are told from unused bits that hold something else.

Through the function, and once through a file of either way of storing; real garbage in the bits
above is read in `test_film`. Not covered: a slope so steep, or noise so strong, that neighbours
differ by more than a quarter of the said range; that is taken for garbage and dropped.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from core.errors import UnreadableObjectError
from imaging.decode import decode
from imaging.spare_bits import check_spare_bits
from tests.imaging.making import film, smooth

RNG = np.random.default_rng(5)


def noisy(top: int) -> NDArray[np.uint16]:
    """Make a film-like picture from 0 to `top`."""
    picture = smooth(300, 280, top) + RNG.normal(0, top / 200, (300, 280))
    return np.clip(np.rint(picture), 0, top).astype(np.uint16)


@pytest.mark.parametrize(
    ("real", "said", "shift"), [(14, 12, 0), (12, 10, 0), (16, 12, 0), (12, 11, 0), (14, 12, 2)]
)
def test_too_few_bits_are_refused(real: int, said: int, shift: int) -> None:
    cells = noisy((1 << real) - 1) << shift
    with pytest.raises(UnreadableObjectError, match=f"says {said} bits, unsigned"):
        check_spare_bits(cells, bits_stored=said, shift=shift, signed=False)


def test_signed_values_of_more_bits_are_refused() -> None:
    cells = (noisy(16383).astype(np.int32) - 8192).astype(np.int16)
    with pytest.raises(UnreadableObjectError, match="says 12 bits, signed"):
        check_spare_bits(cells, bits_stored=12, signed=True)


def test_unsigned_values_called_signed_are_refused() -> None:
    with pytest.raises(UnreadableObjectError, match="says 12 bits, signed"):
        check_spare_bits(noisy(4095), bits_stored=12, signed=True)


def overlay() -> NDArray[np.uint16]:
    """Draw letters and a frame."""
    drawn = np.zeros((300, 280), dtype=np.uint16)
    drawn[20:60, 30:34] = drawn[56:60, 30:60] = 1
    drawn[:10] = drawn[-10:] = drawn[:, :10] = drawn[:, -10:] = 1
    return drawn


@pytest.mark.parametrize(
    "above",
    [
        RNG.integers(0, 16, (300, 280), dtype=np.uint16),
        np.full((300, 280), 15, dtype=np.uint16),
        overlay(),
        overlay() << 3,
        np.repeat(np.arange(300, dtype=np.uint16)[:, None] // 20, 280, axis=1),
    ],
    ids=["noise", "constant", "overlay", "high overlay", "bands"],
)
@pytest.mark.parametrize("signed", [False, True])
def test_what_else_lies_in_unused_bits_is_let_be(
    above: NDArray[np.uint16], *, signed: bool
) -> None:
    values = noisy(4095).astype(np.int32) - (2048 if signed else 0)
    cells = (values & 0xFFF).astype(np.uint16) | above << 12
    check_spare_bits(cells, bits_stored=12, signed=signed)


@pytest.mark.parametrize("extended", [False, True])
def test_signed_values_with_and_without_their_sign_above(*, extended: bool) -> None:
    cells = (noisy(4095).astype(np.int32) - 2048).astype(np.int16)
    check_spare_bits(cells if extended else cells & 0xFFF, bits_stored=12, signed=True)


def test_a_few_hot_pixels_refuse_no_film() -> None:
    cells = noisy(4000)
    cells[100, 100:103] = 4100
    check_spare_bits(cells, bits_stored=12, signed=False)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless, JPEGLSLossless])
def test_a_file_that_says_too_few_bits_is_unreadable(tmp_path: Path, syntax: str) -> None:
    path = film(tmp_path / "film.dcm", noisy(4095), syntax)
    assert decode(path, maximum_pixels=100_000).values.max() > 4000
    wrong = film(tmp_path / "wrong.dcm", noisy(4095), syntax)
    _say(wrong, BitsStored=10, HighBit=9)
    with pytest.raises(UnreadableObjectError, match="says 10 bits"):
        decode(wrong, maximum_pixels=100_000)


def _say(path: Path, **values: Any) -> None:
    dataset = dcmread(path)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
