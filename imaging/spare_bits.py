"""Tells pixels that have more bits than their header says from unused bits that hold something.

Bits outside those in use are dropped (PS3.5 section 8.1.1): they may hold overlays or garbage. But
a header that says too few bits has the brightest values start again from black, and contours and
inverted patches look like disease. Where the bits above belong to the value, it goes on smoothly
across a place at which they change; where they are something else, it leaps there by their weight.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableObjectError
from imaging.bits import Cells, stored_values

_PLAIN: Final = 2
_STRIP: Final = 256
"""Rows at a time, so that the differences take little memory."""
_LEAST: Final = 1e-4
"""Changes per pixel below which nothing can be told: single hot pixels."""
_SMOOTH: Final = 0.25
"""Step, as a share of the range of the bits in use, that is small against a leap of the whole."""


def check_spare_bits(cells: Cells, *, bits_stored: int, shift: int = 0, signed: bool) -> None:
    """Refuse samples whose value goes on in the bits above those in use.

    Parameters
    ----------
    cells
        Integers of 8 or 16 bits, `[rows, columns]`; several frames or samples, which are no film,
        are not looked at.
    bits_stored
        Number of bits that the header says are in use.
    shift
        Number of unused bits below them.
    signed
        Whether the header says that they are two's complement.

    Raises
    ------
    UnreadableObjectError
        If most values are smoother with the bits above, or without the sign, than as the header
        says.
    """
    width = cells.dtype.itemsize * 8
    if cells.ndim != _PLAIN or bits_stored + shift == width:
        return
    steps: list[NDArray[np.int32]] = []
    for start in range(0, len(cells), _STRIP):
        # One row more, so that no pair of neighbours is left out.
        strip = cells[start : start + _STRIP + 1]
        said = stored_values(strip, bits_stored=bits_stored, shift=shift, signed=signed)
        whole = stored_values(strip, bits_stored=width - shift, shift=shift, signed=signed)
        if not np.array_equal(said, whole):
            steps += _steps_where_they_differ(said.astype(np.int32), whole.astype(np.int32))
    found = np.concatenate(steps) if steps else np.zeros(0, dtype=np.int32)
    if found.size < max(1.0, _LEAST * cells.size):
        return
    if float(np.median(found)) < _SMOOTH * (1 << bits_stored):
        kind = "signed" if signed else "unsigned"
        message = f"the header says {bits_stored} bits, {kind}, and the pixels have others"
        raise UnreadableObjectError(message)


def _steps_where_they_differ(
    said: NDArray[np.int32], whole: NDArray[np.int32]
) -> list[NDArray[np.int32]]:
    """Give the steps of the whole value wherever the bits above change between neighbours."""
    above = whole - said
    return [np.abs(np.diff(whole, axis=axis)[np.diff(above, axis=axis) != 0]) for axis in (0, 1)]
