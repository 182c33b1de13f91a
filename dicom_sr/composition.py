"""One table for two steps of the grey scale.

A modality table of 12 bits, as computed radiography writes them, has no place in a presentation
state, whose tables hold 8 or 16 bits, and other entries would mean other modality values. So
table and VOI become one VOI table on the stored values, which shows the very same picture.
"""

import math
from collections.abc import Callable

from core.grey_scale import LookupTable, Window

BITS = 16
_MOST = (1 << BITS) - 1


def full_range(table: LookupTable) -> LookupTable:
    """Scale a VOI table to 16 bits; its entries are shares of its range (PS3.3 C.11.2.1.1)."""
    most = (1 << table.bits) - 1
    entries = tuple(min(entry, most) * _MOST // most for entry in table.entries)
    return LookupTable(table.first, BITS, entries, table.explanation)


def composed(modality: LookupTable, voi: Window | LookupTable | None) -> LookupTable:
    """Give the 16-bit VOI table that stands for a modality table and the VOI after it.

    Parameters
    ----------
    modality
        From stored values to modality values.
    voi
        From modality values on; None shows the whole range of the modality table.
    """
    if voi is None:
        return full_range(modality)
    share = _window_share(voi) if isinstance(voi, Window) else _table_share(voi)
    entries = tuple(round(_MOST * share(value)) for value in modality.entries)
    return LookupTable(modality.first, BITS, entries, modality.explanation)


def _table_share(table: LookupTable) -> Callable[[int], float]:
    most = (1 << table.bits) - 1
    last = len(table.entries) - 1

    def share(value: int) -> float:
        entry = table.entries[min(max(value - table.first, 0), last)]
        return min(entry, most) / most

    return share


def _window_share(window: Window) -> Callable[[int], float]:
    """Give the function of a window, PS3.3 C.11.2.1.2 and C.11.2.1.3, in [0, 1]."""

    def linear(value: int) -> float:
        if window.width == 1.0:
            return float(value > window.center - 0.5)
        return (value - (window.center - 0.5)) / (window.width - 1.0) + 0.5

    def linear_exact(value: int) -> float:
        return (value - window.center) / window.width + 0.5

    def sigmoid(value: int) -> float:
        steepness = -4.0 * (value - window.center) / window.width
        held = min(max(steepness, -700.0), 700.0)
        return 1.0 / (1.0 + math.exp(held))

    chosen = {"LINEAR": linear, "LINEAR_EXACT": linear_exact, "SIGMOID": sigmoid}[window.function]
    return lambda value: min(max(chosen(value), 0.0), 1.0)
