"""Decodes the pixels of every transfer syntax that is accepted.

Everything that a hostile or damaged file could ask of a decoder (memory, frames, a stream that
ends early) is checked before the decoder is called.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder

from core.errors import UnreadableObjectError
from imaging.bits import Cells, clipped_values, stored_values
from imaging.codestream import read_codestream
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
_SLACK: Final = 1 << 16
_BYTE: Final = 8
_WIDEST: Final = 16


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
    """
    layout = Layout.of(read_header(path))
    layout.check_limit(maximum_pixels)
    dataset = read_whole(path)
    syntax = dataset.file_meta.TransferSyntaxUID
    data = _pixel_data(dataset)
    options: dict[str, Any] = {"correct_unused_bits": False}
    precision = layout.bits_stored
    shift = layout.high_bit + 1 - layout.bits_stored
    if syntax in NATIVE:
        if len(data) < layout.size:
            message = f"too few pixels: {len(data)} bytes where {layout.size} are announced"
            raise UnreadableObjectError(message)
    elif syntax in _PLUGINS:
        precision = _check_frames(data, layout, syntax)
        # Decoders return cells that fit the stream, not the header.
        options["decoding_plugin"] = _PLUGINS[syntax]
        options["bits_allocated"] = _BYTE if precision <= _BYTE else _WIDEST
        if syntax != uid.RLELossless:
            shift = 0
    else:
        message = f"pixels of transfer syntax {syntax.name} are not decoded"
        raise UnreadableObjectError(message)
    cells = _decode(dataset, layout, options)
    if syntax in LOSSY:
        decoded = stored_values(cells, bits_stored=precision, signed=layout.signed)
        values = clipped_values(decoded, bits_stored=layout.bits_stored, signed=layout.signed)
    else:
        values = stored_values(
            cells, bits_stored=layout.bits_stored, shift=shift, signed=layout.signed
        )
    del dataset.PixelData
    return Decoded(dataset, layout, values)


def _pixel_data(dataset: Dataset) -> bytes:
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        message = "pixels are floating-point numbers: no radiograph"
        raise UnreadableObjectError(message)
    data = dataset.get("PixelData")
    if not isinstance(data, bytes) or not data:
        message = "there are no pixels"
        raise UnreadableObjectError(message)
    return data


def _check_frames(data: bytes, layout: Layout, syntax: str) -> int:
    """Check every compressed frame against the header; gives the precision in bits."""
    try:
        frames = list(generate_frames(data, number_of_frames=layout.frames))
    except Exception as error:
        message = f"compressed pixels are damaged ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    if len(frames) < layout.frames:
        message = f"compressed pixels hold {len(frames)} of {layout.frames} frames"
        raise UnreadableObjectError(message)
    limit = 2 * layout.size // layout.frames + _SLACK
    if any(len(frame) > limit for frame in frames):
        message = "a compressed frame is larger than its pixels"
        raise UnreadableObjectError(message)
    if syntax == uid.RLELossless:
        return layout.bits_allocated
    precisions = set()
    for frame in frames[: layout.frames]:
        found = read_codestream(frame)
        announced = (layout.rows, layout.columns, layout.samples)
        if (found.rows, found.columns, found.components) != announced:
            message = (
                f"compressed picture of {found.rows} x {found.columns} x {found.components} "
                f"where the header says {layout.rows} x {layout.columns} x {layout.samples}"
            )
            raise UnreadableObjectError(message)
        precisions.add(found.precision)
    if len(precisions) != 1 or not 1 <= max(precisions) <= _WIDEST:
        message = f"compressed pixels of {sorted(precisions)} bits are not decoded"
        raise UnreadableObjectError(message)
    return precisions.pop()


def _decode(dataset: Dataset, layout: Layout, options: dict[str, Any]) -> Cells:
    try:
        cells, _ = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(
            dataset, raw=True, validate=False, **options
        )
    except Exception as error:
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
