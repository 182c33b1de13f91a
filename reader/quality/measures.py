"""What can be measured of any picture, and what a film's measures must be at least.

The limits are general: no film that a person could read comes near them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from reader.quality.prepare import Grey, without_border
from reader.quality.verdict import Measures, Reason

SMALLEST_SIDE: Final = 64
"""Pixels; a chest on fewer is a thumbnail."""

LEAST_SPREAD: Final = 12.0
LEAST_SMOOTHNESS: Final = 0.5
MOST_COLOUR: Final = 0.1
NARROWEST: Final = 0.6
"""Cassettes and detectors are 35 x 43 cm at most, 0.81; collimation makes films little narrower."""

_PLAINLY_COLOURED: Final = 40


def measure(shape: tuple[int, int], little: npt.NDArray[np.uint8]) -> tuple[Measures, Grey]:
    """Measure a picture.

    Parameters
    ----------
    shape
        Its rows and columns before it was shrunk.
    little
        The picture as `reader.quality.prepare.reduced` gives it.

    Returns
    -------
    tuple
        The measures, and uint8 [rows, columns]: the shrunk picture in grey without its borders.
    """
    colour = 0.0
    grey = little
    if little.ndim == 3:  # noqa: PLR2004 - rows, columns, colours
        apart = little.max(axis=2).astype(int) - little.min(axis=2)
        colour = float((apart > _PLAINLY_COLOURED).mean())
        # The weights of ITU-R BT.601, as PIL has them.
        grey = np.asarray(np.round(little @ np.array([0.299, 0.587, 0.114])), dtype=np.uint8)
    inside = without_border(grey)
    low, high = np.quantile(inside, [0.01, 0.99])
    rows, columns = inside.shape
    # The scale of both axes is the same but for rounding, which is coarse for a thin strip.
    aspect = columns / rows if min(little.shape[:2]) > 1 else shape[1] / shape[0]
    return (
        Measures(shape[0], shape[1], float(high - low), _smoothness(inside), colour, aspect),
        inside,
    )


def refusal(measures: Measures) -> tuple[Reason, str] | None:
    """Give the reason, in a word and in a sentence, why no such picture is read, if there is one.

    Parameters
    ----------
    measures
        Of the picture.
    """
    rows, columns = measures.rows, measures.columns
    if min(rows, columns) < SMALLEST_SIDE:
        return Reason.TOO_SMALL, f"too small to read: {rows} x {columns} pixels"
    if measures.spread < LEAST_SPREAD:
        return Reason.CONSTANT, "the picture is constant or nearly so"
    if measures.smoothness < LEAST_SMOOTHNESS:
        return Reason.NOISE, "the picture is noise"
    if measures.colour > MOST_COLOUR:
        return Reason.COLOUR, "the picture is in colour: no radiograph"
    if not all(
        NARROWEST <= aspect <= 1 / NARROWEST for aspect in (columns / rows, measures.aspect)
    ):
        return Reason.STRIP, "the picture is a strip: no whole chest"
    return None


def _smoothness(grey: Grey) -> float:
    """Correlate each pixel with its right and its lower neighbour; 1 for a constant picture."""
    values = grey.astype(np.float64)
    pairs = [
        (one.ravel(), other.ravel())
        for one, other in ((values[:, 1:], values[:, :-1]), (values[1:], values[:-1]))
        if one.size > 1 and one.std() > 0 and other.std() > 0
    ]
    if not pairs:
        return 1.0
    return float(min(np.corrcoef(one, other)[0, 1] for one, other in pairs))
