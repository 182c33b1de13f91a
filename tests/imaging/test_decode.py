"""Stored values out of every transfer syntax, and the refusal of what would harm a decoder.

JPEG (baseline, extended, lossless) is encoded by dcmtk's `dcmcjpeg`, the rest by pydicom and its
plug-ins. Not covered: a decoder that crashes the process, against which the worker is supervised.
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
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
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
    with pytest.raises(UnreadableObjectError, match=r"cut off|cannot be decoded"):
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
