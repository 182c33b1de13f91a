"""The one inversion."""

from typing import Final

from pydicom.dataset import Dataset

from core.errors import NotReadError
from core.reading import Remark
from imaging.layout import Layout
from imaging.numbers import word

_COLOUR: Final = ("RGB", "PALETTE COLOR", "YBR_", "ARGB", "HSV", "CMYK")
"""Beginnings of the other defined terms (PS3.3 section C.7.6.3.1.2)."""
_SHAPES: Final = {"IDENTITY": "MONOCHROME2", "INVERSE": "MONOCHROME1"}
"""What each Presentation LUT Shape goes with in DX (PS3.3 section C.8.11.3.1.2)."""
_CONTRADICTED: Final = Remark(
    "polarity_contradicted",
    "The film says in one place that its lowest values are black, and in another that they are"
    " white; its Photometric Interpretation was believed.",
)
_TABLE_IGNORED: Final = Remark(
    "presentation_lut_ignored",
    "The film brings a Presentation LUT, which is not applied: its grey levels may differ from"
    " those on a diagnostic display.",
)


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


def polarity_remarks(header: Dataset, *, inverted: bool) -> tuple[Remark, ...]:
    """Remark on what else the header says of how grey levels are to be shown.

    Parameters
    ----------
    header
        The film's header.
    inverted
        What `is_inverted` says of it.

    Returns
    -------
    tuple of Remark
        Of a Presentation LUT Shape that contradicts the Photometric Interpretation, and of a
        Presentation LUT (PS3.3 section C.11.4), which is left out.
    """
    remarks: tuple[Remark, ...] = ()
    shape = word(header, "PresentationLUTShape")
    photometric = "MONOCHROME1" if inverted else "MONOCHROME2"
    if shape in _SHAPES and _SHAPES[shape] != photometric:
        remarks += (_CONTRADICTED,)
    if "PresentationLUTSequence" in header or (shape and shape not in _SHAPES):
        remarks += (_TABLE_IGNORED,)
    return remarks
