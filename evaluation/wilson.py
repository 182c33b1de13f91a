"""How sure a share is that was counted on few films."""

from math import sqrt
from typing import Final

_Z95: Final = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Give the 95 % score interval of a share (Wilson, JASA 22:209, 1927).

    Parameters
    ----------
    hits, total
        How many of how many.

    Returns
    -------
    tuple
        Lower and upper end in [0, 1]; (0, 1) of nothing.

    Raises
    ------
    ValueError
        If there are more hits than films, or fewer than none.
    """
    if not 0 <= hits <= total:
        message = f"{hits} of {total} is no share"
        raise ValueError(message)
    if not total:
        return 0.0, 1.0
    share, z2 = hits / total, _Z95 * _Z95
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z95 / (1 + z2 / total) * sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)
