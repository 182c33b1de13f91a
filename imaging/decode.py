"""From a file to its stored values, in every transfer syntax that is accepted.

Uncompressed pixels are read in this process. Compressed ones go through a codec written in C, C++
or Rust, which a damaged or hostile stream may crash, fill with memory or send round for ever: it
runs in a process that may die (`imaging.decoders`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset

from core.errors import OutOfMemoryError, UnreadableObjectError
from core.uids import is_uid
from imaging.bits import Cells
from imaging.decoders import shared_decoders
from imaging.header import Located, locate_pixels
from imaging.layout import Layout
from imaging.native import decode_native
from imaging.syntaxes import NATIVE, PLUGINS

DEFAULT_MAXIMUM_PIXELS: Final = 100_000_000
"""About twenty times the largest detector; 200 MB of memory."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The stored values of a dataset.

    Parameters
    ----------
    header
        The dataset up to its pixels.
    layout
        How they were stored.
    values
        Integers of 8 or 16 bits, `[rows, columns]`, with a first axis for several frames and a
        last one for several samples.
    """

    header: Dataset
    layout: Layout
    values: Cells


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
        If there are no pixels, too many or too few of them, they cannot be decoded, or the codec
        crashed or had to be stopped.
    OutOfMemoryError
        If the host has no memory for them.
    OSError
        If the file cannot be read, or no process can be started for the codec.
    """
    located = locate_pixels(path)
    return decode_located(path, located, Layout.of(located.header), maximum_pixels=maximum_pixels)


def decode_located(path: Path, located: Located, layout: Layout, *, maximum_pixels: int) -> Decoded:
    """Decode all pixels of a file whose header was read; otherwise as `decode`."""
    layout.check_limit(maximum_pixels)
    header = located.header
    syntax = header.file_meta.TransferSyntaxUID
    try:
        if syntax in NATIVE:
            return Decoded(header, layout, decode_native(path, located, layout))
        if syntax in PLUGINS:
            values = shared_decoders().decode(path, layout, maximum_pixels=maximum_pixels)
            return Decoded(header, layout, values)
    except MemoryError as error:
        message = f"no memory for {layout.rows} x {layout.columns} pixels"
        raise OutOfMemoryError(message) from error
    name = syntax.name if is_uid(syntax) else "(malformed)"
    message = f"pixels of transfer syntax {name} are not decoded"
    raise UnreadableObjectError(message)
