"""One film: from a file to the picture that is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import NotReadError
from core.grey_scale import GreyScale
from core.reading import Remark
from imaging.aspect import pixel_aspect, squared
from imaging.completeness import completeness_remarks
from imaging.decode import DEFAULT_MAXIMUM_PIXELS
from imaging.grey import Grey, grey_levels
from imaging.orientation import orientation_remarks
from imaging.padding import is_zero_padding
from imaging.placing import Placing
from imaging.plain_film import decode_plain_film
from imaging.plausibility import check_plausible
from imaging.polarity import polarity_remarks

_SMALLEST_SIDE: Final = 64
"""Pixels; a chest on fewer is a thumbnail."""


@dataclass(frozen=True, slots=True)
class Film:
    """A picture as it is read.

    Parameters
    ----------
    pixels
        Grey levels `[height, width]`, bone white, in the stored orientation and over the full
        stored matrix, with square pixels: a fraction of its height or width is the same fraction
        of the stored matrix, so a `Box` on it needs no mapping.
    rows, columns
        Size of the stored matrix; that of the picture, too, unless stored pixels are not square.
    remarks
        What a reader should know of how the picture was made.
    grey_scale
        What the stored values were looked at through, before the inversion of MONOCHROME1; None
        where the picture was not made of stored values.
    """

    pixels: Grey
    rows: int
    columns: int
    remarks: tuple[Remark, ...] = ()
    grey_scale: GreyScale | None = None

    @property
    def placing(self) -> Placing:
        """The way of a place from the stored matrix to the picture, and back."""
        height, width = self.pixels.shape
        return Placing(self.rows, self.columns, height, width)


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
        The picture after modality transformation, window, the one inversion, and the stretching
        of pixels that are not square. Overlays (groups 60xx) are not drawn into it.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, they cannot be decoded, are all the same, decode to something that
        no X-ray makes, or a part of the film is missing.
    NotReadError
        If the picture is intact and no film: in colour, of several frames, of an unknown
        polarity, or a thumbnail.
    OutOfMemoryError
        If the host has no memory for the picture.
    OSError
        If the file cannot be opened or read, or no process can be started to decode it.
    """
    plain = decode_plain_film(path, maximum_pixels=maximum_pixels)
    layout, header = plain.layout, plain.header
    if min(layout.rows, layout.columns) < _SMALLEST_SIDE:
        message = f"too small to read: {layout.rows} x {layout.columns} pixels"
        raise NotReadError(message)
    check_plausible(plain.values)
    missing = completeness_remarks(plain.values, zero_is_padding=is_zero_padding(header))
    pixels, grey_scale, remarks = grey_levels(header, layout, plain.values, inverted=plain.inverted)
    aspect, more = pixel_aspect(header)
    remarks += (
        *missing,
        *more,
        *polarity_remarks(header, inverted=plain.inverted),
        *orientation_remarks(header),
    )
    pixels = squared(pixels, aspect, maximum_pixels=maximum_pixels)
    return Film(pixels, layout.rows, layout.columns, remarks, grey_scale)
