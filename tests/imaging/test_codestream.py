"""Sizes that compressed frames claim; the frames are made by real encoders, and by hand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import generate_frames
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from core.errors import UnreadableObjectError
from imaging.codestream import Codestream, read_codestream
from imaging.header import read_whole
from tests.imaging.making import film

SOF = b"\xff\xc3\x00\x0b\x0c\x00\x60\x00\x50\x01\x01\x11\x00"
COMMENT = b"\xff\xfe\x00\x06abcd"


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_real_encoders(tmp_path: Path, syntax: str) -> None:
    data = read_whole(film(tmp_path / "film.dcm", syntax=syntax)).PixelData
    frame = next(generate_frames(data, number_of_frames=1))
    assert read_codestream(frame) == Codestream(96, 80, 1, 12)


def test_jpeg_with_fill_bytes_and_comments() -> None:
    frame = b"\xff\xd8" + COMMENT + b"\xff\xff" + SOF + b"\xff\xd9"
    assert read_codestream(frame) == Codestream(96, 80, 1, 12)


@pytest.mark.parametrize("padding", [b"", b"\x00", b"\xff"])
def test_padding_after_the_end(padding: bytes) -> None:
    read_codestream(b"\xff\xd8" + SOF + b"\xff\xd9" + padding)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"\xff\xd8" + SOF, "has no end"),
        (b"", "has no end"),
        (b"\xff\xd8" + COMMENT + b"\xff\xd9", "no usable header"),
        (b"\xff\xd8" + b"\xff\xda\x00\x02" + SOF + b"\xff\xd9", "no usable header"),
        (b"\xff\xd8" + b"\xff\xfe\x00\x00" + SOF + b"\xff\xd9", "no usable header"),
        (b"\xff\xd8\x00\x00" + SOF + b"\xff\xd9", "no usable header"),
        (b"\xff\x4f\xff\x51\x00\x29\xff\xd9", "no usable header"),
        (b"GIF89a\xff\xd9", "no usable header"),
    ],
)
def test_frames_without_sense_are_refused(frame: bytes, reason: str) -> None:
    with pytest.raises(UnreadableObjectError, match=reason):
        read_codestream(frame)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_size_or_an_error(middle: bytes) -> None:
    for start in (b"\xff\xd8", b"\xff\x4f\xff\x51", b""):
        try:
            found = read_codestream(start + middle + b"\xff\xd9")
        except UnreadableObjectError:
            continue
        assert isinstance(found, Codestream)
