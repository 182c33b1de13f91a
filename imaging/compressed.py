"""Decodes compressed pixels in this very process; `imaging.decoders` gives it one to lose.

Everything that a hostile or damaged file could ask of a codec (memory, frames, a stream that ends
early) is checked before the codec is called. What remains are the codec's own faults.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

from core.errors import UnreadableObjectError
from imaging.bits import Cells, clipped_values, stored_values
from imaging.frames import check_frames
from imaging.header import read_whole
from imaging.layout import Layout
from imaging.spare_bits import check_spare_bits
from imaging.syntaxes import LOSSY, PLUGINS

_BYTE: Final = 8
_OFFSET_TABLES: Final = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


@dataclass(frozen=True, slots=True)
class _Stream:
    """Bits of a decoded sample, and the unused ones below those in use."""

    precision: int
    shift: int


def decode_compressed(path: Path, *, maximum_pixels: int) -> Cells:
    """Decode all pixels of a file in a compressed transfer syntax.

    Parameters
    ----------
    path
        A DICOM file.
    maximum_pixels
        Most pixels, over all frames, that are decoded.

    Returns
    -------
    numpy.ndarray
        Stored values as `imaging.decode.Decoded` has them.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, too many of them, they cannot be decoded, or they have other bits
        than the header says.
    MemoryError
        If there is no memory for them.
    OSError
        If the file cannot be read.
    """
    dataset = read_whole(path)
    layout = Layout.of(dataset)
    layout.check_limit(maximum_pixels)
    syntax = dataset.file_meta.TransferSyntaxUID
    stream = _stream(dataset, layout, syntax)
    options = {
        # pydicom would drop unused bits, and assume that they lie on top.
        "correct_unused_bits": False,
        "decoding_plugin": PLUGINS[syntax],
        # Codecs return cells that fit the stream, whatever the header says.
        "bits_allocated": _BYTE if stream.precision <= _BYTE else 2 * _BYTE,
    }
    cells = run_decoder(dataset, layout, options)
    # A stream of fewer bits than the header says has its sign, too, at its own highest bit.
    known = min(stream.precision, layout.bits_stored)
    if syntax in LOSSY:
        cells = stored_values(cells, bits_stored=stream.precision, signed=layout.signed)
        return clipped_values(cells, bits_stored=known, signed=layout.signed)
    check_spare_bits(cells, bits_stored=known, shift=stream.shift, signed=layout.signed)
    return stored_values(cells, bits_stored=known, shift=stream.shift, signed=layout.signed)


def _stream(dataset: Dataset, layout: Layout, syntax: str) -> _Stream:
    """Check the encoded pixels; tell what of a decoded sample is in use."""
    data = dataset.get("PixelData")
    if not isinstance(data, bytes) or not data:
        message = "there are no pixels"
        raise UnreadableObjectError(message)
    if layout.frames == 1:
        # All fragments are the one frame, so whatever tables say of them is left unread.
        for keyword in _OFFSET_TABLES:
            if keyword in dataset:
                del dataset[keyword]
    tables = tuple(dataset.get(keyword) for keyword in _OFFSET_TABLES)
    precision = check_frames(data, layout, syntax, tables if all(tables) else None)
    # RLE packs whole cells; the others pack samples, whose unused bits are gone.
    shift = layout.high_bit + 1 - layout.bits_stored
    return _Stream(precision, shift if syntax == uid.RLELossless else 0)


def run_decoder(dataset: Dataset, layout: Layout, options: Any) -> Cells:
    """Let pydicom decode a data set's pixels, whatever they do to it.

    Parameters
    ----------
    dataset
        With its pixels.
    layout
        The shape that they must have.
    options
        Of pydicom's decoder.

    Returns
    -------
    numpy.ndarray
        Cells in the host's byte order, `[rows, columns]`, with a first axis for several frames
        and a last one for several samples.

    Raises
    ------
    UnreadableObjectError
        If they cannot be decoded, or have another shape.
    MemoryError
        If there is no memory for them.
    """
    try:
        cells, _ = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(
            dataset, raw=True, validate=False, **options
        )
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # pylibjpeg-rle panics with an error that is no Exception
        message = f"pixels cannot be decoded ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    if cells.shape != layout.shape:
        message = f"pixels decode to the shape {cells.shape} instead of {layout.shape}"
        raise UnreadableObjectError(message)
    native: Cells = cells.astype(cells.dtype.newbyteorder("="), copy=False)
    return native
