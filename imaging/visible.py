"""Whether a window shows a film, or leaves it nearly black, nearly grey or nearly black and white.

A header's window may stand for other values than those that are stored: twelve bits under the
window of sixteen are a black picture, a window of forty values turns a film into a drawing in
ink. Nothing in the header tells; the pixels do.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imaging.lut import Values

_LEAST_SPREAD: Final = 0.25
"""Share of the spread that an estimated window gives.

The inner 98 % of the pixels of intact films spread over 0.35 of the grey levels, raw detector
values under the window of their depth, and mostly over more than 0.6.
"""
_LEAST_BETWEEN: Final = 0.25
"""Share of the pixels that lie between black and white; less than half are clipped in any film."""
_TAIL: Final = 0.01
_WHITE: Final = 255


@dataclass(frozen=True)
class Judge:
    """Judges windows by the pixels that they would show.

    Pixels of the lowest, the highest and the most frequent value are left out where there are
    others: a collimator's shadow, a shutter and a saturated detector are clipped in honest films.

    Parameters
    ----------
    counts
        How many pixels have each stored value, padding left out.
    estimated
        Share of the output range, in [0, 1], that the estimated window gives each value.
    """

    counts: NDArray[np.int64]
    estimated: Values

    def approves(self, shares: Values) -> bool:
        """Tell whether a window that gives each value this share shows the film."""
        counts = self._ordinary
        levels = np.rint(shares * _WHITE)
        between = counts[(levels > 0) & (levels < _WHITE)].sum()
        if between < _LEAST_BETWEEN * counts.sum():
            return False
        return _spread(shares, counts) >= _LEAST_SPREAD * _spread(self.estimated, counts)

    @property
    def _ordinary(self) -> NDArray[np.int64]:
        there = np.flatnonzero(self.counts)
        ordinary = self.counts.copy()
        ordinary[[there[0], there[-1], int(self.counts.argmax())]] = 0
        return ordinary if ordinary.any() else self.counts


def _spread(shares: Values, counts: NDArray[np.int64]) -> float:
    """Give the distance between the shares of the darkest and the brightest but one percent."""
    order = np.argsort(shares, kind="stable")
    order = order[counts[order] > 0]
    reached = np.cumsum(counts[order]) / counts.sum()
    low, high = (shares[order[np.searchsorted(reached, at)]] for at in (_TAIL, 1.0 - _TAIL))
    return float(high - low)
