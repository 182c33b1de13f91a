"""One film: from a file to the picture that is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import NotReadError
from core.reading import Remark
from imaging.decode import DEFAULT_MAXIMUM_PIXELS, decode
from imaging.grey import Grey, grey_levels
from imaging.header import read_header
from imaging.layout import Layout
from imaging.orientation import orientation_remarks
from imaging.plausibility import check_plausible
from imaging.polarity import is_inverted

_SMALLEST_SIDE: Final = 64
"""Pixels; a chest on fewer is a thumbnail."""


@dataclass(frozen=True, slots=True)
class Film:
    """A picture as it is read.

    Parameters
    ----------
    pixels
        Grey levels `[rows, columns]`, bone white, in the stored orientation and over the full
        stored matrix, so that a `Box` on it needs no mapping.
    rows, columns
        Size of the stored matrix.
    remarks
        What a reader should know of how the picture was made.
    """

    pixels: Grey
    rows: int
    columns: int
    remarks: tuple[Remark, ...] = ()


def load_film(path: Path, *, maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS) -> Film:
    """Load the picture of a radiograph.

    Parameters
    ----------
    path
        A DICOM file.
    maximum_pixels
        Most pixels that are decoded; more are refused before any memory is taken.

    Returns
    -------
    Film
        The picture after modality transformation, window and the one inversion.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, they cannot be decoded, are all the same, or decode to something
        that no X-ray makes.
    NotReadError
        If the picture is intact and no film: in colour, of several frames, of an unknown
        polarity, or a thumbnail.
    OutOfMemoryError
        If the host has no memory for the picture.
    OSError
        If the file cannot be opened or read.
    """
    layout = Layout.of(read_header(path))
    layout.check_limit(maximum_pixels)
    inverted = is_inverted(layout)
    if layout.frames != 1:
        message = f"several frames ({layout.frames}): no plain film"
        raise NotReadError(message)
    decoded = decode(path, maximum_pixels=maximum_pixels)
    if min(layout.rows, layout.columns) < _SMALLEST_SIDE:
        message = f"too small to read: {layout.rows} x {layout.columns} pixels"
        raise NotReadError(message)
    check_plausible(decoded.values)
    pixels, remarks = grey_levels(decoded.header, layout, decoded.values, inverted=inverted)
    remarks += orientation_remarks(decoded.header)
    return Film(pixels, layout.rows, layout.columns, remarks)
