"""From the cells of the pixel data to stored values: shift, mask, sign."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.integer[Any]]
_UNSIGNED: Final[dict[int, Any]] = {8: np.uint8, 16: np.uint16}
_SIGNED: Final[dict[int, Any]] = {8: np.int8, 16: np.int16}


def stored_values(cells: Cells, *, bits_stored: int, shift: int = 0, signed: bool) -> Cells:
    """Keep the bits in use (PS3.5 section 8.1.1) and drop what else lies in a cell.

    Unused bits may hold anything, old overlays among it, and some equipment leaves garbage.

    Parameters
    ----------
    cells
        Integers of 8 or 16 bits, of any shape.
    bits_stored
        Number of bits in use.
    shift
        Number of unused bits below them.
    signed
        Whether the bits in use are two's complement.

    Returns
    -------
    numpy.ndarray
        The same shape; unsigned or signed integers of the same width.
    """
    width = cells.dtype.itemsize * 8
    values: Cells = cells.view(_UNSIGNED[width])
    if signed:
        # Up to the sign bit and down again: the arithmetic shift repeats the sign.
        values = np.left_shift(values, width - bits_stored - shift).view(_SIGNED[width])
        return np.right_shift(values, width - bits_stored)
    if shift:
        values = np.right_shift(values, shift)
    if bits_stored + shift < width:
        values = np.bitwise_and(values, (1 << bits_stored) - 1)
    return values


def clipped_values(cells: Cells, *, bits_stored: int, signed: bool) -> Cells:
    """Limit decoded values to the range of the bits in use.

    For lossy streams: their error may carry a value past the range, and a mask would turn the
    brightest spots black.
    """
    low = -(1 << (bits_stored - 1)) if signed else 0
    high = (1 << (bits_stored - 1 if signed else bits_stored)) - 1
    clipped: Cells = np.clip(cells, low, high)
    return clipped
