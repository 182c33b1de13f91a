"""Who has to go where more come than there is room for."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

Visitor = TypeVar("Visitor")


def first_to_go(visitors: Sequence[Visitor], address: Callable[[Visitor], str]) -> Visitor:
    """Give the oldest visitor of whichever address has the most, so that one crowds out itself.

    Parameters
    ----------
    visitors
        One at least, the oldest first.
    address
        Gives where a visitor comes from.
    """
    shares = Counter(map(address, visitors))
    most = max(shares.values())
    return next(one for one in visitors if shares[address(one)] == most)
