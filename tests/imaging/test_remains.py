"""What stays of a film whose pixels are removed: a header to build from, a digest to know it by."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from core.errors import UnreadableObjectError
from imaging.film import load_film
from imaging.header import read_header
from imaging.remains import content_digest, has_content, remains_of
from tests.imaging.making import film, smooth

_SYNTAXES = [
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
    DeflatedExplicitVRLittleEndian,
]


@pytest.mark.parametrize("syntax", _SYNTAXES)
def test_the_header_is_whole_and_small_and_holds_no_pixels(tmp_path: Path, syntax: UID) -> None:
    path = film(tmp_path / "film.dcm", syntax=syntax, PatientName="One^Name")
    remains = remains_of(path)
    assert remains is not None
    kept = tmp_path / "header.dcm"
    kept.write_bytes(remains.header)
    assert kept.stat().st_size < 1500 < path.stat().st_size
    assert read_header(kept) == read_header(path)
    assert "PixelData" not in dcmread(kept)
    assert has_content(path, remains.content_sha256)
    with pytest.raises(UnreadableObjectError):
        load_film(kept)


@pytest.mark.parametrize("syntax", _SYNTAXES)
def test_the_same_picture_in_another_coding_is_known(tmp_path: Path, syntax: UID) -> None:
    digest = content_digest(film(tmp_path / "first.dcm", PatientName="One^Name"))
    again = film(tmp_path / "again.dcm", syntax=syntax, PatientName="Other^Name")
    assert has_content(again, digest)


def test_another_picture_is_not(tmp_path: Path) -> None:
    digest = content_digest(film(tmp_path / "first.dcm"))
    pixels = smooth()
    pixels[-1, -1] += 1
    assert not has_content(film(tmp_path / "pixel.dcm", pixels), digest)
    negative = film(tmp_path / "negative.dcm", PhotometricInterpretation="MONOCHROME1")
    assert not has_content(negative, digest)
    turned = film(tmp_path / "turned.dcm", Rows=80, Columns=96)
    assert not has_content(turned, digest)


def test_pixels_that_cannot_be_decoded_are_known_by_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", BitsStored=9, HighBit=3)
    remains = remains_of(path)
    assert remains is not None
    assert remains.content_sha256.startswith("file:")
    assert has_content(path, remains.content_sha256)
    assert not has_content(film(tmp_path / "other.dcm"), remains.content_sha256)


def test_of_an_object_without_pixels_nothing_but_the_header_is_there(tmp_path: Path) -> None:
    path = film(tmp_path / "text.dcm", Rows=None, Columns=None, PixelData=None)
    assert remains_of(path) is None


def test_a_torn_file_is_told(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", np.zeros((40, 40), np.uint16))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableObjectError):
        remains_of(path)
