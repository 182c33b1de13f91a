"""Values of interest: which of the modality's values become black, and which white.

PS3.3 section C.11.2; each function gives shares of the output range, in [0, 1].
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.grey_scale import LookupTable as PlainTable
from core.grey_scale import Window as PlainWindow
from core.grey_scale import WindowFunction as Shape
from imaging.lut import LookupTable, Values, first_table
from imaging.numbers import numbers, word

Transform = Callable[[Values], Values]
_TAIL: Final = 0.005
"""Share of the pixels that is clipped at either end where nothing names a window."""
_MOST: Final = 8
"""Windows that are tried at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the modality's values.

    Parameters
    ----------
    center, width
        In the modality's values.
    shape
        How the values between black and white are spread.

    Raises
    ------
    ValueError
        If the width is less than 1 for `LINEAR`, or not above 0 for the others (PS3.3 sections
        C.11.2.1.2.1 and C.11.2.1.3).
    """

    center: float
    width: float
    shape: Shape = Shape.LINEAR

    def __post_init__(self) -> None:
        usable = self.width >= 1 if self.shape is Shape.LINEAR else self.width > 0
        if not usable:
            message = f"no usable window: width {self.width} with {self.shape.value}"
            raise ValueError(message)

    def __call__(self, values: Values) -> Values:
        """Give every value's share of the output range; the shape stays."""
        if self.shape is Shape.SIGMOID:
            steepness = np.clip(-4.0 * (values - self.center) / self.width, -700.0, 700.0)
            return 1.0 / (1.0 + np.exp(steepness))
        center, width = self.center, self.width
        if self.shape is Shape.LINEAR:
            center, width = center - 0.5, width - 1.0
        if width == 0:
            return (values > center).astype(np.float64)
        return np.clip((values - center) / width + 0.5, 0.0, 1.0)

    @property
    def plain(self) -> PlainWindow:
        """The same as a plain value."""
        return PlainWindow(self.center, self.width, self.shape)


@dataclass(frozen=True, slots=True)
class TableWindow:
    """A VOI lookup table; its output range is that of its depth."""

    table: LookupTable

    def __call__(self, values: Values) -> Values:
        """Give every value's share of the output range; the shape stays."""
        return np.clip(self.table(values) / self.table.maximum, 0.0, 1.0)

    @property
    def plain(self) -> PlainTable:
        """The same as a plain value."""
        return self.table.plain


def named_windows(header: Dataset, *, signed: bool) -> tuple[TableWindow | Window, ...]:
    """List the usable transformations that a header names: its first table, then its windows.

    Parameters
    ----------
    header
        The film's header.
    signed
        Whether the modality's values can be negative.

    Returns
    -------
    tuple
        In the order in which they should be tried; empty where none can be used.
    """
    windows: list[TableWindow | Window] = []
    with suppress(ValueError):
        table = first_table(header, "VOILUTSequence", signed=signed)
        if table is not None:
            windows.append(TableWindow(table))
    name = word(header, "VOILUTFunction")
    shape = Shape(name) if name in set(Shape) else Shape.LINEAR
    centers, widths = (numbers(header, keyword) for keyword in ("WindowCenter", "WindowWidth"))
    for center, width in zip(centers[:_MOST], widths[:_MOST], strict=False):
        if center is not None and width is not None:
            with suppress(ValueError):
                windows.append(Window(center, width, shape))
    return tuple(windows)


def estimated_window(values: Values, counts: NDArray[np.int64]) -> Window:
    """Make a window from the pixels: all but the darkest and brightest half percent.

    Parameters
    ----------
    values
        Values that occur, in any order.
    counts
        How many pixels have each; at least two have a count above 0.

    Returns
    -------
    Window
        Of shape `LINEAR_EXACT`; over all values where the inner 99 % are a single one.
    """
    order = np.argsort(values, kind="stable")
    ordered, shares = values[order], np.cumsum(counts[order]) / counts.sum()
    low = float(ordered[np.searchsorted(shares, _TAIL)])
    high = float(ordered[np.searchsorted(shares, 1.0 - _TAIL)])
    if low == high:
        there = ordered[counts[order] > 0]
        low, high = float(there[0]), float(there[-1])
    return Window((low + high) / 2, high - low, Shape.LINEAR_EXACT)
