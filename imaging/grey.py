"""The whole grey pipeline of a film as one table from stored values to grey levels.

A stored value has at most 16 bits, so modality transformation, window, inversion and padding are
worked out once per value instead of once per pixel: exact arithmetic, and one look-up per pixel.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.grey_scale import GreyScale
from core.reading import Remark
from imaging.bits import Cells
from imaging.layout import Layout
from imaging.lut import Values
from imaging.modality import modality_transform
from imaging.padding import padding_values
from imaging.places import count_places, look_up, places_of
from imaging.visible import Judge
from imaging.voi import estimated_window, named_windows

Grey = NDArray[np.uint8]
Shown = tuple[Grey, GreyScale, tuple[Remark, ...]]
_ESTIMATED: Final = Remark(
    "window_estimated", "The film names no usable window; its grey levels were estimated."
)


def grey_levels(header: Dataset, layout: Layout, stored: Cells, *, inverted: bool) -> Shown:
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
        Grey levels `[rows, columns]`, 0 black and 255 white, padding black; what they were looked
        at through; and remarks on what the header did not say.

    Raises
    ------
    UnreadableObjectError
        If every pixel that is no padding has the same value.
    """
    low = -(1 << (layout.bits_stored - 1)) if layout.signed else 0
    high = low + (1 << layout.bits_stored) - 1
    padding = padding_values(header, low, high)
    pixels = _Pixels(places_of(stored, low), padding)
    if pixels.constant:
        message = "the picture is constant: every pixel has the same value"
        raise UnreadableObjectError(message)
    modality, remarks = modality_transform(header, signed=layout.signed)
    values = modality(np.arange(low, high + 1, dtype=np.float64))
    fallback = estimated_window(values, pixels.counts)
    estimated = fallback(values)
    judge = Judge(pixels.counts, estimated)
    for window in named_windows(header, signed=bool(values.min() < 0)):
        shares = window(values)
        if judge.approves(shares):
            used = GreyScale(modality.plain, window.plain)
            return pixels.shown(shares, inverted=inverted), used, remarks
    used = GreyScale(modality.plain, fallback.plain)
    return pixels.shown(estimated, inverted=inverted), used, (*remarks, _ESTIMATED)


@dataclass(frozen=True)
class _Pixels:
    """A film's pixels as places in a table of all values that they could have.

    Parameters
    ----------
    places
        `[rows, columns]`.
    padding
        Which of the values are no picture.
    """

    places: Cells
    padding: NDArray[np.bool_]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many pixels have each value, padding left out."""
        return count_places(self.places, self.padding)

    @property
    def constant(self) -> bool:
        """Whether every pixel that is no padding has the same value."""
        if self.padding.any():
            return bool(np.count_nonzero(self.counts) <= 1)
        return bool(self.places.min() == self.places.max())

    def shown(self, shares: Values, *, inverted: bool) -> Grey:
        """Give every pixel its value's share of the grey levels, and padding black."""
        table = np.rint((1.0 - shares if inverted else shares) * 255.0).astype(np.uint8)
        table[self.padding] = 0
        return look_up(table, self.places)
