"""Lengths in RLE streams: damage that moves pixels, padding that does not, and real films."""

import struct
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import RLELossless

from core.errors import UnreadableObjectError
from imaging.decode import decode
from imaging.runs import check_runs
from tests.imaging.making import film, smooth

PIXELS = 96 * 80


def frame_of(path: Path) -> bytes:
    return get_frame(dcmread(path).PixelData, 0, number_of_frames=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write an intact RLE film of two segments."""
    return film(tmp_path / "film.dcm", smooth(), RLELossless)


def stream(*segments: bytes) -> bytes:
    starts = np.cumsum([64, *(len(each) for each in segments)])[: len(segments)].tolist()
    header = struct.pack("<16L", len(segments), *starts, *[0] * (15 - len(segments)))
    return header + b"".join(segments)


def test_intact_frames_pass(path: Path, real_data: Path) -> None:
    check_runs(frame_of(path), PIXELS)
    real = real_data / "derived" / "cr_pa_mono2_12bit_rle.dcm"
    header = dcmread(real, stop_before_pixels=True)
    check_runs(frame_of(real), header.Rows * header.Columns)


@pytest.mark.parametrize(
    "segment",
    [
        b"\x03abcd",  # four bytes
        b"\xfda",  # one byte four times
        b"\x01ab\x80\xffc",  # two, nothing, one twice
        b"\xfda\x00",  # padded to an even length
        b"\xfda\x00\x00\x00\x00",
        b"\xfda\xff\x00",  # a run too many, as some writers leave it
    ],
)
def test_whole_segments(segment: bytes) -> None:
    check_runs(stream(segment), 4)
    check_runs(stream(segment, segment), 4)


@pytest.mark.parametrize(
    "segment",
    [
        b"",
        b"\x02abc",
        b"\x03abc",
        b"\xfca",
        b"\x01ab\x80\xfec",
        b"\xfd",
        b"\xfda\x03abcd",
    ],
)
def test_segments_of_another_length(segment: bytes) -> None:
    whole = b"\xfda"
    for segments in ((segment,), (segment, whole), (whole, segment)):
        with pytest.raises(UnreadableObjectError, match="another length"):
            check_runs(stream(*segments), 4)


@pytest.mark.parametrize("start", [0, 63, 1000])
def test_segments_outside_the_frame(start: int) -> None:
    frame = struct.pack("<16L", 1, start, *[0] * 14) + b"\xfda"
    with pytest.raises(UnreadableObjectError, match="another length"):
        check_runs(frame, 4)
    with pytest.raises(UnreadableObjectError, match="no RLE header"):
        check_runs(frame[:40], 4)


def test_a_damaged_file_is_unreadable(path: Path) -> None:
    frame = bytearray(frame_of(path))
    (second,) = struct.unpack_from("<L", frame, 8)
    frame[second] ^= 2  # the length of the second segment's first run
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([bytes(frame)])
    dataset.save_as(path)
    with pytest.raises(UnreadableObjectError, match="RLE segment"):
        decode(path, maximum_pixels=100_000)
