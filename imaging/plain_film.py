"""The pixels of one plain film: a single frame of grey, with its polarity told."""

from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from core.errors import NotReadError
from imaging.bits import Cells
from imaging.decode import decode_located
from imaging.frame_groups import with_frame_groups
from imaging.header import locate_pixels
from imaging.layout import Layout
from imaging.polarity import is_inverted


@dataclass(frozen=True, slots=True, eq=False)
class PlainFilm:
    """What was decoded.

    Parameters
    ----------
    header
        With the values of its one frame in their usual places.
    layout
        Of the pixels.
    values
        Stored values `[rows, columns]`.
    inverted
        Whether the lowest value is to be shown white.
    """

    header: Dataset
    layout: Layout
    values: Cells
    inverted: bool


def decode_plain_film(path: Path, *, maximum_pixels: int) -> PlainFilm:
    """Decode a film; what is none is refused before any pixel is.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, or they cannot be decoded.
    NotReadError
        If the picture is in colour, of several frames, or of an unknown polarity.
    OutOfMemoryError
        If the host has no memory for the picture.
    OSError
        If the file cannot be opened or read, or no process can be started to decode it.
    """
    located = locate_pixels(path)
    layout = Layout.of(located.header)
    layout.check_limit(maximum_pixels)
    inverted = is_inverted(layout)
    if layout.frames != 1:
        message = f"several frames ({layout.frames}): no plain film"
        raise NotReadError(message)
    decoded = decode_located(path, located, layout, maximum_pixels=maximum_pixels)
    return PlainFilm(with_frame_groups(decoded.header), layout, decoded.values, inverted)
