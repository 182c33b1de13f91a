"""The pixels of a stored object as plain bytes, little endian, in the cells its header announces.

Uncompressed pixels are given as they are stored, unused bits included. Compressed ones are decoded
in a process that may die (`imaging.decoders`), and put back into the cells of the header.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import UID, ExplicitVRBigEndian

from core.errors import UnreadableObjectError
from imaging.bits import Cells
from imaging.decode import DEFAULT_MAXIMUM_PIXELS, decode
from imaging.header import read_whole
from imaging.layout import Layout
from imaging.numbers import whole_number
from imaging.syntaxes import NATIVE

_BYTE: Final = 8
_DECODED_COLOURS: Final = {
    "YBR_FULL_422": "YBR_FULL",
    "YBR_ICT": "RGB",
    "YBR_RCT": "RGB",
}
"""What decoders make of a colour space: chroma of full size, and no component transformation."""


@dataclass(frozen=True, slots=True)
class PixelBytes:
    """All frames of an object.

    Parameters
    ----------
    frames
        The bytes of each.
    photometric
        Photometric Interpretation of these very bytes.
    """

    frames: Sequence[bytes]
    photometric: str


def plain_pixels(path: Path, *, maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS) -> PixelBytes:
    """Give the uncompressed pixels of a stored object.

    Raises
    ------
    UnreadableObjectError
        If it has none, or too many, or they cannot be decoded.
    OutOfMemoryError
        If the host has no memory for them.
    OSError
        If the file cannot be read.
    """
    dataset = read_whole(path)
    if dataset.file_meta.TransferSyntaxUID not in NATIVE:
        decoded = decode(path, maximum_pixels=maximum_pixels)
        photometric = decoded.layout.photometric
        return PixelBytes(
            _cells(decoded.values, decoded.layout, decoded.header),
            _DECODED_COLOURS.get(photometric, photometric),
        )
    layout = Layout.of(dataset)
    layout.check_limit(maximum_pixels)
    data = native_data(dataset)
    if len(data) < layout.size:
        message = f"too few pixels: {len(data)} bytes where {layout.size} are announced"
        raise UnreadableObjectError(message)
    length = layout.size // layout.frames
    frames = [data[length * number : length * (number + 1)] for number in range(layout.frames)]
    return PixelBytes(frames, layout.photometric)


def stored_frames(path: Path) -> list[bytes]:
    """Give the compressed frames of a stored object as they are.

    Raises
    ------
    UnreadableObjectError
        If it has none, or their number is not the header's.
    OSError
        If the file cannot be read.
    """
    dataset = read_whole(path)
    layout = Layout.of(dataset)
    data = dataset.get("PixelData")
    if not isinstance(data, bytes) or not data:
        raise _no_pixels()
    try:
        frames = list(generate_frames(data, number_of_frames=layout.frames))
    except MemoryError:
        raise
    except Exception as error:
        message = f"compressed pixels are damaged ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    if len(frames) != layout.frames:
        message = f"compressed pixels hold {len(frames)} of {layout.frames} frames"
        raise UnreadableObjectError(message)
    return frames


def native_data(dataset: Dataset) -> bytes:
    """Give the value of Pixel Data of an uncompressed data set, little endian.

    Raises
    ------
    UnreadableObjectError
        If it has none.
    """
    data = dataset.get("PixelData")
    if not isinstance(data, bytes) or not data:
        raise _no_pixels()
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if syntax != ExplicitVRBigEndian or dataset["PixelData"].VR != "OW":
        return data
    return np.frombuffer(data, dtype=np.uint16).byteswap().tobytes()


def _cells(values: Cells, layout: Layout, header: Dataset) -> list[bytes]:
    kind: Any = np.dtype(f"<{'i' if layout.signed else 'u'}{layout.bits_allocated // _BYTE}")
    cells = values.astype(kind, copy=False)
    shift = layout.high_bit + 1 - layout.bits_stored
    if shift:
        cells = np.left_shift(cells, shift)
    frames = cells if layout.frames > 1 else cells[np.newaxis]
    if layout.samples > 1 and whole_number(header, "PlanarConfiguration") == 1:
        frames = np.moveaxis(frames, -1, 1)
    return [np.ascontiguousarray(frame).tobytes() for frame in frames]


def _no_pixels() -> UnreadableObjectError:
    return UnreadableObjectError("there are no pixels")
