"""Whether the pixels' element is whole, in every encoding, by the lengths that it announces.

What becomes of a film that is cut off is tested in test_header.py and tests/gateway.
"""

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from core.errors import UnreadableObjectError
from imaging.header import locate_pixels, read_header
from imaging.pixel_element import is_whole
from tests.gateway.objects import film, save

_NATIVE = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)
_COMPRESSED = (RLELossless, JPEGLSLossless)


def _written(folder: Path, syntax: str) -> Path:
    if syntax in _NATIVE:
        return save(film(transfer_syntax=syntax), folder)
    path = save(film(), folder)
    dataset = dcmread(path)
    dataset.compress(syntax, generate_instance_uid=False)
    dataset.save_as(path)
    return path


def _is_whole(path: Path, start: int, syntax: str) -> bool:
    with path.open("rb") as file:
        return is_whole(
            file,
            start,
            implicit=UID(syntax).is_implicit_VR,
            little_endian=UID(syntax).is_little_endian,
        )


@pytest.mark.parametrize("syntax", [*_NATIVE, *_COMPRESSED])
def test_a_whole_element_is_whole_and_each_shorter_one_is_not(tmp_path: Path, syntax: str) -> None:
    path = _written(tmp_path, syntax)
    data = path.read_bytes()
    start = locate_pixels(path).pixels_at
    assert start is not None
    assert _is_whole(path, start, syntax)
    for kept in range(start, len(data), max(1, (len(data) - start) // 40)):
        path.write_bytes(data[:kept])
        assert not _is_whole(path, start, syntax), kept
    # The end of fragments is a delimiter of eight bytes, of which the length is left unread.
    path.write_bytes(data[: -1 if syntax in _NATIVE else -5])
    assert not _is_whole(path, start, syntax)


@pytest.mark.parametrize("syntax", [*_NATIVE, *_COMPRESSED])
def test_what_follows_the_pixels_is_of_no_matter(tmp_path: Path, syntax: str) -> None:
    path = _written(tmp_path, syntax)
    start = locate_pixels(path).pixels_at
    assert start is not None
    path.write_bytes(path.read_bytes() + b"\xfc\xff\xfc\xff" + bytes(500))
    assert _is_whole(path, start, syntax)


def test_a_fragment_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    path = _written(tmp_path, RLELossless)
    start = locate_pixels(path).pixels_at
    assert start is not None
    data = bytearray(path.read_bytes())
    data[start + 16 : start + 20] = b"\xf0\xff\xff\xff"
    path.write_bytes(data)
    with pytest.raises(UnreadableObjectError, match="cut off"):
        read_header(path)
