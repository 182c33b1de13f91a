"""How well scores can be taken at their word."""

from collections.abc import Sequence
from typing import Final

_BINS: Final = 10


def brier(scores: Sequence[float], truths: Sequence[bool]) -> float:
    """Give the mean squared distance of scores from the truth, 0 the best (Brier, 1950)."""
    return sum((score - true) ** 2 for score, true in zip(scores, truths, strict=True)) / len(
        scores
    )


def expected_calibration_error(
    scores: Sequence[float], truths: Sequence[bool], bins: int = _BINS
) -> float:
    """Give the mean distance of what is said from what is true, bin by bin.

    Bins of equal width over [0, 1], each weighted by its films (Guo et al., 2017).

    Parameters
    ----------
    scores, truths
        One per film, in the same order; at least one.
    bins
        Number of bins.
    """
    said = [0.0] * bins
    true = [0.0] * bins
    for score, truth in zip(scores, truths, strict=True):
        place = min(bins - 1, int(score * bins))
        said[place] += score
        true[place] += truth
    return sum(abs(one - other) for one, other in zip(said, true, strict=True)) / len(scores)
