"""Uncompressed pixels, read straight from the file: odd elements, ends, and how little memory.

The values in every uncompressed transfer syntax are tested in `test_decode`.
"""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from core.errors import UnreadableObjectError
from imaging.decode import decode
from imaging.film import load_film
from tests.imaging.making import dataset, film, save, smooth

LIMIT = 10_000_000
SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian]
_START = b"\xe0\x7f\x10\x00"


@pytest.mark.parametrize("vr", ["OW", "OB", "UN"])
def test_the_value_representation_does_not_matter(tmp_path: Path, vr: str) -> None:
    made = dataset()
    made["PixelData"].VR = vr
    path = save(made, tmp_path / "film.dcm")
    assert vr.encode() in path.read_bytes()[path.read_bytes().index(_START) :][:8]
    np.testing.assert_array_equal(decode(path, maximum_pixels=LIMIT).values, smooth())


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_follows_the_pixels_is_not_taken_for_pixels(tmp_path: Path, syntax: str) -> None:
    made = dataset(DataSetTrailingPadding=b"\xff" * 500)
    made.PixelData += b"\xff" * 64
    path = save(made, tmp_path / "film.dcm", syntax)
    np.testing.assert_array_equal(decode(path, maximum_pixels=LIMIT).values, smooth())


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("missing", [1, 500, 15_000])
def test_a_file_that_ends_in_its_pixels_is_cut_off(
    tmp_path: Path, syntax: str, missing: int
) -> None:
    path = film(tmp_path / "film.dcm", syntax=syntax)
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(UnreadableObjectError, match="cut off"):
        decode(path, maximum_pixels=LIMIT)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\xfe\xff\xff\x7f"])
def test_a_length_that_cannot_be_is_refused(tmp_path: Path, syntax: str, length: bytes) -> None:
    path = film(tmp_path / "film.dcm", syntax=syntax)
    whole = path.read_bytes()
    at = whole.index(_START) + (8 if syntax == ExplicitVRLittleEndian else 4)
    path.write_bytes(whole[:at] + length + whole[at + 4 :])
    with pytest.raises(UnreadableObjectError, match="cut off"):
        decode(path, maximum_pixels=LIMIT)


def test_a_film_takes_little_more_memory_than_its_pixels(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", smooth(1000, 800))
    load_film(path)
    tracemalloc.start()
    try:
        load_film(path)
        assert tracemalloc.get_traced_memory()[1] < 2.5 * 2 * 1000 * 800
    finally:
        tracemalloc.stop()
