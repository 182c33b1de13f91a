"""How large a film's pixels are (PS3.3 section 10.7.1.3)."""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from imaging.numbers import numbers

_KEYWORDS: Final = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_PLAUSIBLE: Final = (0.01, 5.0)
"""Millimetres."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """Size of a pixel.

    Parameters
    ----------
    row, column
        Its height and its width, in millimetres.
    calibrated
        Whether it is of the patient, as the film says; else of the detector, on which a patient
        is shown larger than life.
    """

    row: float
    column: float
    calibrated: bool


def pixel_spacing(header: Dataset) -> Spacing | None:
    """Give the size of a film's pixels; None where nothing usable is said."""
    for keyword in _KEYWORDS:
        found = numbers(header, keyword)
        if len(found) != 2:  # noqa: PLR2004 - a height and a width
            continue
        row, column = found
        least, most = _PLAUSIBLE
        if row and column and least <= row <= most and least <= column <= most:
            return Spacing(row, column, calibrated=keyword == "PixelSpacing")
    return None
