"""The one inversion."""

from typing import Final

from core.errors import NotReadError
from imaging.layout import Layout

_COLOUR: Final = ("RGB", "PALETTE COLOR", "YBR_", "ARGB", "HSV", "CMYK")
"""Beginnings of the other defined terms (PS3.3 section C.7.6.3.1.2)."""


def is_inverted(layout: Layout) -> bool:
    """Tell whether the lowest value is the brightest.

    Only Photometric Interpretation decides. Presentation LUT Shape says the same a second time
    in DX and is missing in CR: acting on both would invert one of them twice, or one not at all.

    A radiograph in colour (a screenshot, mostly) is never read, not even where a site reads
    secondary captures: what was made of its grey levels, and what was drawn on it, is unknown.

    Raises
    ------
    NotReadError
        If the picture is no greyscale one, or does not say which.
    """
    if layout.samples == 1 and layout.photometric in {"MONOCHROME1", "MONOCHROME2"}:
        return layout.photometric == "MONOCHROME1"
    if layout.samples > 1 or layout.photometric.startswith(_COLOUR):
        message = "a picture in colour, no radiograph"
    else:
        message = "the picture does not say which of its values are bright"
    raise NotReadError(message)
