"""Pixels that are no picture (Pixel Padding Value, PS3.3 section C.7.5.1.1.2)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.numbers import whole_number

_WORD: Final = 1 << 16


def padding_values(header: Dataset, low: int, high: int) -> NDArray[np.bool_]:
    """Tell which stored values are padding.

    Parameters
    ----------
    header
        The film's header.
    low, high
        Lowest and highest stored value that the bits in use allow.

    Returns
    -------
    numpy.ndarray
        One truth value for each of `low` to `high`. A value that cannot be stored pads nothing.
    """
    stored = np.arange(low, high + 1)
    first = whole_number(header, "PixelPaddingValue")
    if first is None:
        return np.zeros(stored.shape, dtype=np.bool_)
    last = whole_number(header, "PixelPaddingRangeLimit")
    if last is None:
        last = first
    if low < 0:
        # Written as US in a signed picture: the same 16 bits.
        first, last = (value - _WORD if value >= _WORD // 2 else value for value in (first, last))
    return (stored >= min(first, last)) & (stored <= max(first, last))


def is_zero_padding(header: Dataset) -> bool:
    """Tell whether the stored value 0 is padding, whether or not values are signed."""
    return bool(padding_values(header, -1, 0)[-1] or padding_values(header, 0, 0)[-1])
