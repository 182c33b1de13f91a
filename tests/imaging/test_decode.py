"""Stored values out of every transfer syntax, and the refusal of what would harm a decoder.

JPEG (baseline, extended, lossless) is encoded by dcmtk's `dcmcjpeg`, the rest by pydicom and its
plug-ins. No installed encoder writes High-Throughput JPEG 2000: the two streams in `streams` were
written by OpenJPH 0.26 from `making.smooth()`. Not covered: a codec that crashes (`test_decoders`).
"""

import contextlib
import shutil
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import (
    HTJ2K,
    MPEG2MPML,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from core.errors import UnreadableObjectError
from imaging.decode import decode
from imaging.header import read_whole
from imaging.syntaxes import TRANSFER_SYNTAXES
from tests.imaging.making import dataset, film, save, smooth

LIMIT = 1_000_000
_STREAMS = Path(__file__).parent / "streams"
LOSSLESS = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
]
DCMCJPEG = shutil.which("dcmcjpeg")


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize(
    ("kind", "bits"),
    [
        (np.uint16, 16),
        (np.uint16, 12),
        (np.uint16, 8),
        (np.int16, 16),
        (np.int16, 12),
        (np.uint8, 8),
    ],
)
def test_lossless_syntaxes_give_the_same_values(
    tmp_path: Path, syntax: str, kind: type[np.generic], bits: int
) -> None:
    if syntax == RLELossless and bits == 8 and kind is np.uint16:
        pytest.skip("pydicom's encoder writes bytes where 16 bits are allocated")
    top = 2**bits - 1
    low = 2 ** (bits - 1) if np.dtype(kind).kind == "i" else 0
    pixels = (smooth(top=top).astype(np.int32) - low).astype(kind)

    decoded = decode(
        film(tmp_path / "film.dcm", pixels, syntax, BitsStored=bits), maximum_pixels=LIMIT
    )

    np.testing.assert_array_equal(decoded.values, pixels)
    assert decoded.values.dtype.kind == np.dtype(kind).kind
    assert "PixelData" not in decoded.header


@pytest.mark.skipif(DCMCJPEG is None, reason="dcmcjpeg (dcmtk) is not installed")
@pytest.mark.parametrize(
    ("option", "uid", "bits", "error"),
    [
        ("--encode-lossless", "1.2.840.10008.1.2.4.57", 12, 0),
        ("--encode-lossless-sv1", "1.2.840.10008.1.2.4.70", 16, 0),
        ("--encode-lossless-sv1", "1.2.840.10008.1.2.4.70", 8, 0),
        ("--encode-extended", "1.2.840.10008.1.2.4.51", 12, 40),
        ("--encode-baseline", "1.2.840.10008.1.2.4.50", 8, 4),
    ],
)
def test_jpeg(tmp_path: Path, option: str, uid: str, bits: int, error: int) -> None:
    pixels = smooth(top=2**bits - 1)
    if bits == 8:
        pixels = pixels.astype(np.uint8)
    plain = film(tmp_path / "plain.dcm", pixels, BitsStored=bits)
    packed = tmp_path / "packed.dcm"
    subprocess.run(
        [str(DCMCJPEG), option, "--quality", "95", plain, packed]
        if error
        else [str(DCMCJPEG), option, plain, packed],
        check=True,
        capture_output=True,
    )
    assert read_whole(packed).file_meta.TransferSyntaxUID == uid

    decoded = decode(packed, maximum_pixels=LIMIT)

    off = np.abs(decoded.values.astype(int) - pixels.astype(int))
    assert off.max() <= error


@pytest.mark.parametrize(
    ("uid", "stream", "error"),
    [
        (HTJ2KLossless, "lossless", 0),
        (HTJ2KLosslessRPCL, "lossless", 0),
        (HTJ2K, "lossy", 1),
    ],
)
def test_high_throughput_jpeg_2000(tmp_path: Path, uid: str, stream: str, error: int) -> None:
    path = encapsulated(tmp_path / "film.dcm", uid, [_STREAMS / f"smooth_htj2k_{stream}.j2c"])
    decoded = decode(path, maximum_pixels=LIMIT)
    off = np.abs(decoded.values.astype(int) - smooth().astype(int))
    assert off.max() <= error


@pytest.mark.parametrize("table", ["none", "basic", "wrong basic", "extended", "wrong extended"])
@pytest.mark.parametrize("fragments", [1, 3])
@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
def test_one_frame_needs_no_offset_table(
    tmp_path: Path, syntax: str, fragments: int, table: str
) -> None:
    made = dataset()
    save(made, tmp_path / "film.dcm", syntax)
    (frame,) = generate_frames(made.PixelData, number_of_frames=1)
    made.PixelData = encapsulate(
        [frame], fragments_per_frame=fragments, has_bot=table.endswith("basic")
    )
    if table == "wrong basic":
        first = made.PixelData.index(b"\xfe\xff\x00\xe0") + 8
        made.PixelData = made.PixelData[:first] + b"\x08" + made.PixelData[first + 1 :]
    if table.endswith("extended"):
        offset, length = (0, len(frame)) if table == "extended" else (12, 24)
        made.ExtendedOffsetTable = offset.to_bytes(8, "little")
        made.ExtendedOffsetTableLengths = length.to_bytes(8, "little")
    made["PixelData"].is_undefined_length = True
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, smooth())


def test_several_frames_are_found_by_the_extended_offset_table(tmp_path: Path) -> None:
    pixels = np.stack([smooth(), smooth()[::-1]])
    made = dataset(pixels[0], NumberOfFrames=2)
    made.PixelData = pixels.tobytes()
    save(made, tmp_path / "film.dcm", JPEGLSLossless)
    frames = list(generate_frames(made.PixelData, number_of_frames=2))
    data, offsets, lengths = encapsulate_extended(frames)
    made.PixelData = data
    made.ExtendedOffsetTable, made.ExtendedOffsetTableLengths = offsets, lengths
    made["PixelData"].is_undefined_length = True
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
@pytest.mark.parametrize("stored", [8, 12, 16])
def test_header_and_stream_disagree_on_the_bits(tmp_path: Path, syntax: str, stored: int) -> None:
    """The stream's own precision is 10 bits; the header says fewer, or more."""
    pixels = smooth(top=1023 if stored > 10 else 255)
    made = dataset(pixels, BitsStored=10)
    save(made, tmp_path / "film.dcm", syntax)
    made.BitsStored, made.HighBit = stored, stored - 1
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
@pytest.mark.parametrize("stored", [12, 16])
def test_signed_values_in_a_stream_of_fewer_bits(tmp_path: Path, syntax: str, stored: int) -> None:
    pixels = (smooth(top=4095).astype(np.int32) - 2048).astype(np.int16)
    made = dataset(pixels)
    save(made, tmp_path / "film.dcm", syntax)
    made.BitsStored, made.HighBit = stored, stored - 1
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


@pytest.mark.skipif(DCMCJPEG is None, reason="dcmcjpeg (dcmtk) is not installed")
def test_signed_values_in_lossless_jpeg(tmp_path: Path) -> None:
    """JPEG knows no sign: the header gives it to the two's complement of its own bits."""
    pixels = (smooth(top=4095).astype(np.int32) - 2048).astype(np.int16)
    plain = film(tmp_path / "plain.dcm", (pixels & 0xFFF).astype(np.uint16))
    packed = tmp_path / "packed.dcm"
    subprocess.run(
        [str(DCMCJPEG), "--encode-lossless-sv1", plain, packed], check=True, capture_output=True
    )
    made = read_whole(packed)
    made.PixelRepresentation = 1
    made.save_as(packed, enforce_file_format=True)
    found = decode(packed, maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
def test_signed_bytes_under_a_header_of_words(tmp_path: Path, syntax: str) -> None:
    pixels = (smooth(top=255).astype(np.int32) - 128).astype(np.int8)
    made = dataset(pixels)
    save(made, tmp_path / "film.dcm", syntax)
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, 12, 11
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


def test_signed_header_over_an_unsigned_jpeg_2000_stream(tmp_path: Path) -> None:
    """The stream holds the two's complement of 12 bits and says that it is unsigned."""
    pixels = (smooth(top=4095).astype(np.int32) - 2048).astype(np.int16)
    made = dataset((pixels & 0xFFF).astype(np.uint16))
    save(made, tmp_path / "film.dcm", JPEG2000Lossless)
    made.PixelRepresentation = 1
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


def test_unsigned_header_over_a_signed_jpeg_2000_stream(tmp_path: Path) -> None:
    pixels = smooth(top=4095)
    as_signed = np.where(pixels >= 2048, pixels.astype(np.int32) - 4096, pixels).astype(np.int16)
    made = dataset(as_signed)
    save(made, tmp_path / "film.dcm", JPEG2000Lossless)
    made.PixelRepresentation = 0
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    found = decode(tmp_path / "film.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


def encapsulated(path: Path, syntax: str, frames: list[Path]) -> Path:
    """Write a film around finished streams."""
    made = dataset()
    save(made, path)
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.PixelData = encapsulate([frame.read_bytes() for frame in frames])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    made.save_as(path, enforce_file_format=True)
    return path


def test_every_accepted_syntax_is_in_the_list() -> None:
    assert set(LOSSLESS) < set(TRANSFER_SYNTAXES)
    assert len(TRANSFER_SYNTAXES) == len(set(TRANSFER_SYNTAXES)) == 16


def test_garbage_above_the_bits_in_use_is_masked(tmp_path: Path) -> None:
    pixels = smooth(top=1023)
    dirty = pixels | np.uint16(0xA400)
    decoded = decode(film(tmp_path / "film.dcm", dirty, BitsStored=10), maximum_pixels=LIMIT)
    np.testing.assert_array_equal(decoded.values, pixels)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_unused_bits_below_are_shifted_out(tmp_path: Path, syntax: str) -> None:
    pixels = smooth(top=4095)
    made = dataset((pixels << 4) | np.uint16(0xA), BitsStored=16)
    save(made, tmp_path / "film.dcm", syntax)
    made.BitsStored = 12
    made.save_as(tmp_path / "raised.dcm", enforce_file_format=True)
    found = decode(tmp_path / "raised.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, pixels)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_streams_of_samples_have_no_bits_below(tmp_path: Path, syntax: str) -> None:
    made = dataset()
    save(made, tmp_path / "film.dcm", syntax)
    made.HighBit = 15
    made.save_as(tmp_path / "high.dcm", enforce_file_format=True)
    found = decode(tmp_path / "high.dcm", maximum_pixels=LIMIT)
    np.testing.assert_array_equal(found.values, smooth())


def test_odd_number_of_bytes_is_padded(tmp_path: Path) -> None:
    pixels = smooth(67, 65, top=255).astype(np.uint8)
    path = film(tmp_path / "film.dcm", pixels)
    np.testing.assert_array_equal(decode(path, maximum_pixels=LIMIT).values, pixels)


def test_bytes_as_big_endian_words(tmp_path: Path) -> None:
    pixels = smooth(66, 64, top=255).astype(np.uint8)
    made = dataset(pixels)
    made["PixelData"].VR = "OW"
    made.PixelData = pixels.reshape(-1, 2)[:, ::-1].tobytes()
    path = save(made, tmp_path / "film.dcm", ExplicitVRBigEndian)
    np.testing.assert_array_equal(decode(path, maximum_pixels=LIMIT).values, pixels)


def test_dimension_bomb_is_refused_before_any_memory(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", Rows=65535, Columns=65535)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableObjectError, match="too large: 1 x 65535 x 65535"):
            decode(path, maximum_pixels=100_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_stream_larger_than_the_header_says_is_refused(tmp_path: Path, syntax: str) -> None:
    made = dataset(smooth(200, 100))
    save(made, tmp_path / "film.dcm", syntax)
    made.Rows, made.Columns = 100, 100
    made.save_as(tmp_path / "lying.dcm", enforce_file_format=True)
    with pytest.raises(UnreadableObjectError, match="200 x 100 x 1 where the header says 100 x"):
        decode(tmp_path / "lying.dcm", maximum_pixels=LIMIT)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_stream_that_ends_early_in_an_intact_file_is_refused(tmp_path: Path, syntax: str) -> None:
    made = dataset(smooth(200, 100))
    save(made, tmp_path / "film.dcm", syntax)
    made.PixelData = encapsulate([made.PixelData[16 : len(made.PixelData) // 2]])
    made["PixelData"].is_undefined_length = True
    made.save_as(tmp_path / "short.dcm", enforce_file_format=True)
    with pytest.raises(UnreadableObjectError, match=r"cut off|cannot be decoded|are damaged"):
        decode(tmp_path / "short.dcm", maximum_pixels=LIMIT)


def test_frame_larger_than_its_pixels_is_refused(tmp_path: Path) -> None:
    made = dataset()
    save(made, tmp_path / "film.dcm", RLELossless)
    made.PixelData = encapsulate([bytes(200_000)])
    made["PixelData"].is_undefined_length = True
    made.save_as(tmp_path / "bloated.dcm", enforce_file_format=True)
    with pytest.raises(UnreadableObjectError, match="larger than its pixels"):
        decode(tmp_path / "bloated.dcm", maximum_pixels=LIMIT)


def test_too_few_pixels_are_refused(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", Rows=97)
    with pytest.raises(UnreadableObjectError, match="15360 bytes where 15520 are announced"):
        decode(path, maximum_pixels=LIMIT)


@pytest.mark.parametrize("data", [None, b""])
def test_no_pixels_are_refused(tmp_path: Path, data: bytes | None) -> None:
    path = film(tmp_path / "film.dcm", PixelData=data)
    with pytest.raises(UnreadableObjectError, match="there are no pixels"):
        decode(path, maximum_pixels=LIMIT)


def test_video_is_refused(tmp_path: Path) -> None:
    made = dataset()
    save(made, tmp_path / "film.dcm", RLELossless)
    made.file_meta.TransferSyntaxUID = MPEG2MPML
    made.save_as(tmp_path / "video.dcm", enforce_file_format=True)
    with pytest.raises(UnreadableObjectError, match=r"MPEG2 .* are not decoded"):
        decode(tmp_path / "video.dcm", maximum_pixels=LIMIT)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(data=st.data(), syntax=st.sampled_from([RLELossless, JPEGLSLossless, JPEG2000Lossless]))
def test_damaged_streams_never_raise_anything_else(
    tmp_path: Path, data: st.DataObject, syntax: str
) -> None:
    made = dataset()
    save(made, tmp_path / "film.dcm", syntax)
    content = bytearray(made.PixelData)
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(16, len(content) - 1))] = data.draw(st.integers(0, 255))
    made.PixelData = bytes(content)
    made["PixelData"].is_undefined_length = True
    made.save_as(tmp_path / "damaged.dcm", enforce_file_format=True)
    with contextlib.suppress(UnreadableObjectError):
        assert decode(tmp_path / "damaged.dcm", maximum_pixels=LIMIT).values.shape == (96, 80)
