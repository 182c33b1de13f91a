"""The proportion of a film's pixels that its header states (PS3.3 section C.7.6.3.1.7).

One rule for what the model sees, what pictures show and what presentation states tell viewers: a
mark that was found on one proportion lies wrong on another.
"""

from collections.abc import Iterable
from typing import Any, Final

KEYWORDS: Final = (
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "PixelAspectRatio",
)
"""Each is the height of a pixel and its width; the ratio is absent where a spacing is present."""
MOST_LONGER: Final = 4.0
"""No detector has pixels that are longer by their breadth; a header that says so is wrong."""
_SQUARE: Final = 0.01
"""A ratio this near to 1 is a rounded spacing."""


def stated_aspect(stated: Iterable[Any]) -> float | None:
    """Give the height of a pixel over its width.

    Parameters
    ----------
    stated
        What a header holds under each of `KEYWORDS`, in their order: two numbers, or None or ""
        for nothing. The first that says anything is taken, whether or not it can be used.

    Returns
    -------
    float or None
        1.0 where pixels are square, or nothing is said; None where what is said is no proportion
        that a film can have, so that pixels are taken for square.
    """
    for values in stated:
        try:
            ratio = _ratio(values)
        except (TypeError, ValueError, ArithmeticError):
            return None
        if ratio is not None:
            return 1.0 if abs(ratio - 1) <= _SQUARE else ratio
    return 1.0


def _ratio(values: Any) -> float | None:
    """Give a pair's first number over its second; None where it says nothing."""
    if values is None or values == "":
        return None
    height, width = (float(value) for value in values)
    if height == width == 0:  # written for "unknown" in the field
        return None
    ratio = height / width
    if not (height > 0 and 1 / MOST_LONGER <= ratio <= MOST_LONGER):
        message = f"no proportion of a film's pixels: {height} to {width}"
        raise ValueError(message)
    return ratio
