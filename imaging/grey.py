"""The whole grey pipeline of a film as one table from stored values to grey levels.

A stored value has at most 16 bits, so modality transformation, window, inversion and padding are
worked out once per value instead of once per pixel: exact arithmetic, and one look-up per pixel.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.reading import Remark
from imaging.bits import Cells
from imaging.layout import Layout
from imaging.lut import Values
from imaging.modality import modality_transform
from imaging.padding import padding_values
from imaging.voi import estimated_window, named_window

Grey = NDArray[np.uint8]
_SEEN: Final = 0.01
"""Least share of the pixels that a window must leave between black and white."""
_DARKEST: Final = 0.5 / 255
"""Share of the output range that still is rounded to black."""
_STRIP: Final = 64
"""Rows at a time: numpy widens indices to 64 bits, and a strip of them stays in the cache."""
_ESTIMATED: Final = Remark(
    "window_estimated", "The film names no usable window; its grey levels were estimated."
)


def grey_levels(
    header: Dataset, layout: Layout, stored: Cells, *, inverted: bool
) -> tuple[Grey, tuple[Remark, ...]]:
    """Turn stored values into grey levels.

    Parameters
    ----------
    header
        The film's header.
    layout
        How the values were stored.
    stored
        Stored values, `[rows, columns]`.
    inverted
        Whether the lowest value is the brightest.

    Returns
    -------
    tuple
        Grey levels `[rows, columns]`, 0 black and 255 white, padding black; and remarks on what
        the header did not say.

    Raises
    ------
    UnreadableObjectError
        If every pixel that is no padding has the same value.
    """
    low = -(1 << (layout.bits_stored - 1)) if layout.signed else 0
    high = low + (1 << layout.bits_stored) - 1
    places = stored if low == 0 else stored.astype(np.int32) - low
    padding = padding_values(header, low, high)
    counts = _histogram(places, padding.size)
    counts[padding] = 0
    if np.count_nonzero(counts) <= 1:
        message = "the picture is constant: every pixel has the same value"
        raise UnreadableObjectError(message)
    modality, remarks = modality_transform(header, signed=layout.signed)
    values = modality(np.arange(low, high + 1, dtype=np.float64))
    shares, more = _shares(header, values, counts)
    if inverted:
        shares = 1.0 - shares
    table = np.rint(shares * 255.0).astype(np.uint8)
    table[padding] = 0
    return _look_up(table, places), (*remarks, *more)


def _histogram(places: Cells, size: int) -> NDArray[np.int64]:
    counts = np.zeros(size, dtype=np.int64)
    for start in range(0, len(places), _STRIP):
        counts += np.bincount(places[start : start + _STRIP].ravel(), minlength=size)
    return counts


def _look_up(table: Grey, places: Cells) -> Grey:
    levels = np.empty(places.shape, dtype=np.uint8)
    for start in range(0, len(places), _STRIP):
        strip = slice(start, start + _STRIP)
        # Every place is in the table; "clip" only spares numpy a buffer.
        np.take(table, places[strip], out=levels[strip], mode="clip")
    return levels


def _shares(
    header: Dataset, values: Values, counts: NDArray[np.int64]
) -> tuple[Values, tuple[Remark, ...]]:
    """Apply the header's window where it shows the picture, else an estimated one."""
    window = named_window(header, signed=bool(values.min() < 0))
    if window is not None:
        shares = window(values)
        seen = counts[(shares > _DARKEST) & (shares < 1.0 - _DARKEST)].sum()
        if seen >= _SEEN * counts.sum():
            return shares, ()
    return estimated_window(values, counts)(values), (_ESTIMATED,)
