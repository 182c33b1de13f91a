"""Decodes the pixels of every transfer syntax that is accepted.

Everything that a hostile or damaged file could ask of a decoder (memory, frames, a stream that
ends early) is checked before the decoder is called.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

from core.errors import OutOfMemoryError, UnreadableObjectError
from core.uids import is_uid
from imaging.bits import Cells, clipped_values, stored_values
from imaging.frames import check_frames
from imaging.header import read_header, read_whole
from imaging.layout import Layout

NATIVE: Final = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    }
)
LOSSY: Final = frozenset(
    {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless, uid.JPEG2000}
)
"""Transfer syntaxes in which the decoded values may differ from those that were encoded."""
_PLUGINS: Final = {
    uid.RLELossless: "pylibjpeg",
    uid.JPEGBaseline8Bit: "pylibjpeg",
    uid.JPEGExtended12Bit: "pylibjpeg",
    uid.JPEGLossless: "pylibjpeg",
    uid.JPEGLosslessSV1: "pylibjpeg",
    # CharLS takes a fifth of the time that libjpeg takes.
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
}
TRANSFER_SYNTAXES: Final = (*sorted(NATIVE), *_PLUGINS)
"""Every transfer syntax whose pixels can be decoded."""
DEFAULT_MAXIMUM_PIXELS: Final = 100_000_000
"""About twenty times the largest detector; 200 MB of memory."""
_BYTE: Final = 8
_RAW: Final[dict[str, Any]] = {"correct_unused_bits": False}
"""pydicom would drop unused bits, and assume that they lie on top."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The stored values of a dataset.

    Parameters
    ----------
    header
        The dataset without its pixels.
    layout
        How they were stored.
    values
        Integers of 8 or 16 bits, `[rows, columns]`, with a first axis for several frames and a
        last one for several samples.
    """

    header: Dataset
    layout: Layout
    values: Cells


def is_lossy(transfer_syntax: str) -> bool:
    """Tell whether a transfer syntax may have altered the values."""
    return transfer_syntax in LOSSY


def decode(path: Path, *, maximum_pixels: int) -> Decoded:
    """Decode all pixels of a file.

    Parameters
    ----------
    path
        A DICOM file.
    maximum_pixels
        Most pixels, over all frames, that are decoded.

    Returns
    -------
    Decoded
        Header, layout and stored values; nothing is rescaled, windowed or inverted.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, too many or too few of them, or they cannot be decoded.
    OutOfMemoryError
        If the host has no memory for them.
    """
    layout = Layout.of(read_header(path))
    layout.check_limit(maximum_pixels)
    dataset = read_whole(path)
    coding = _coding(dataset, layout)
    cells = _decode(dataset, layout, coding.options)
    if dataset.file_meta.TransferSyntaxUID in LOSSY:
        cells = stored_values(cells, bits_stored=coding.precision, signed=layout.signed)
        values = clipped_values(cells, bits_stored=layout.bits_stored, signed=layout.signed)
    else:
        values = stored_values(
            cells, bits_stored=layout.bits_stored, shift=coding.shift, signed=layout.signed
        )
    del dataset.PixelData
    return Decoded(dataset, layout, values)


@dataclass(frozen=True, slots=True)
class _Coding:
    """Options of pydicom's decoder; bits of a decoded sample, and the unused ones below them."""

    options: dict[str, Any]
    precision: int
    shift: int


def _coding(dataset: Dataset, layout: Layout) -> _Coding:
    """Check the encoded pixels, and choose how to decode them."""
    syntax = dataset.file_meta.TransferSyntaxUID
    data = _pixel_data(dataset)
    shift = layout.high_bit + 1 - layout.bits_stored
    if syntax in NATIVE:
        if len(data) < layout.size:
            message = f"too few pixels: {len(data)} bytes where {layout.size} are announced"
            raise UnreadableObjectError(message)
        return _Coding(_RAW, layout.bits_allocated, shift)
    if syntax not in _PLUGINS:
        name = syntax.name if is_uid(syntax) else "(malformed)"
        message = f"pixels of transfer syntax {name} are not decoded"
        raise UnreadableObjectError(message)
    precision = check_frames(data, layout, syntax)
    options = {
        **_RAW,
        "decoding_plugin": _PLUGINS[syntax],
        # Decoders return cells that fit the stream, whatever the header says.
        "bits_allocated": _BYTE if precision <= _BYTE else 2 * _BYTE,
    }
    # RLE packs whole cells; the others pack samples, whose unused bits are gone.
    return _Coding(options, precision, shift if syntax == uid.RLELossless else 0)


def _pixel_data(dataset: Dataset) -> bytes:
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        message = "pixels are floating-point numbers: no radiograph"
        raise UnreadableObjectError(message)
    data = dataset.get("PixelData")
    if not isinstance(data, bytes) or not data:
        message = "there are no pixels"
        raise UnreadableObjectError(message)
    return data


def _decode(dataset: Dataset, layout: Layout, options: Any) -> Cells:
    try:
        cells, _ = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(
            dataset, raw=True, validate=False, **options
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except MemoryError as error:
        message = f"no memory for {layout.rows} x {layout.columns} pixels"
        raise OutOfMemoryError(message) from error
    except BaseException as error:  # pylibjpeg-rle panics with an error that is no Exception
        message = f"pixels cannot be decoded ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    expected = tuple(
        size
        for size, kept in (
            (layout.frames, layout.frames > 1),
            (layout.rows, True),
            (layout.columns, True),
            (layout.samples, layout.samples > 1),
        )
        if kept
    )
    if cells.shape != expected:
        message = f"pixels decode to the shape {cells.shape} instead of {expected}"
        raise UnreadableObjectError(message)
    native: Cells = cells.astype(cells.dtype.newbyteorder("="), copy=False)
    return native
