"""Stored values as places in a table of all values that they could have.

A stored value has at most 16 bits, so whatever is worked out once per value serves every pixel.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from imaging.bits import Cells

_STRIP: Final = 64
"""Rows at a time: numpy widens indices to 64 bits, and a strip of them stays in the cache."""


def places_of(stored: Cells, low: int) -> Cells:
    """Count stored values from the lowest possible one, so that they are places in a table.

    Parameters
    ----------
    stored
        Stored values of 8 or 16 bits.
    low
        The lowest value that the bits in use allow.

    Returns
    -------
    numpy.ndarray
        Unsigned, of the same shape; the array itself where `low` is 0.
    """
    if low == 0:
        return stored
    # Modulo the width of a cell, in which every difference fits.
    shifted: Cells
    if stored.dtype.itemsize == 1:
        shifted = stored.view(np.uint8) - np.uint8(low & 0xFF)
    else:
        shifted = stored.view(np.uint16) - np.uint16(low & 0xFFFF)
    return shifted


def count_places(places: Cells, padding: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give how many pixels have each value, padding left out.

    Parameters
    ----------
    places
        `[rows, columns]`.
    padding
        For each value that there can be, whether it is no picture.
    """
    counts = np.zeros(padding.size, dtype=np.int64)
    for start in range(0, len(places), _STRIP):
        counts += np.bincount(places[start : start + _STRIP].ravel(), minlength=padding.size)
    counts[padding] = 0
    return counts


def look_up(table: NDArray[np.uint8], places: Cells) -> NDArray[np.uint8]:
    """Give every pixel its value's entry of a table of grey levels."""
    levels = np.empty(places.shape, dtype=np.uint8)
    for start in range(0, len(places), _STRIP):
        strip = slice(start, start + _STRIP)
        # Every place is in the table; "clip" only spares numpy a buffer.
        np.take(table, places[strip], out=levels[strip], mode="clip")
    return levels
