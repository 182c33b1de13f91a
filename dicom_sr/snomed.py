"""What a SNOMED CT concept identifier looks like: a slip of the hand is found without a licence.

Source: SNOMED CT Release File Specification, sections 5.1 and 5.5 (identifiers, check digit).
"""

from itertools import cycle
from typing import Final

_FEWEST, _MOST = 6, 18
_CONCEPT: Final = frozenset({"00", "10"})
"""Partitions of concepts, without and with a namespace; others are descriptions and relations."""
_PRODUCT: Final = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
"""Multiplication in the dihedral group of the pentagon (Verhoeff, 1969)."""
_TURNED: Final = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)
"""What a digit counts for by its place from the right, over and over."""


def is_concept(value: str) -> bool:
    """Tell whether a text is a well-formed concept identifier; whether it exists is not known."""
    digits = value.isascii() and value.isdigit() and not value.startswith("0")
    if not digits or not _FEWEST <= len(value) <= _MOST or value[-3:-1] not in _CONCEPT:
        return False
    check = "0"
    for turned, digit in zip(cycle(_TURNED), reversed(value), strict=False):
        check = _PRODUCT[int(check)][int(turned[int(digit)])]
    return check == "0"
