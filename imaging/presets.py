"""Windows to look at a film through: those that it names, and those made of its own values."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from core.grey_scale import LookupTable, Window, WindowFunction
from imaging.lut import LookupTable as FilmTable
from imaging.lut import Values
from imaging.values import value_of
from imaging.visible import Judge
from imaging.voi import TableWindow, estimated_window, named_windows
from imaging.voi import Window as FilmWindow

_LONGEST: Final = 64
"""Characters of an explanation (VR LO)."""


class PresetKind(StrEnum):
    """What a window is for."""

    FILM = "film"
    """One that the film names."""
    ESTIMATED = "estimated"
    """All but the darkest and brightest half percent of the pixels."""
    FULL = "full"
    """From the lowest to the highest value."""
    LUNGS = "lungs"
    SOFT = "soft"
    BONES = "bones"


_TISSUES: Final = {
    PresetKind.LUNGS: (0.01, 0.70),
    PresetKind.BONES: (0.45, 0.999),
    PresetKind.SOFT: (0.20, 0.99),
}
"""Shares of the pixels, from the darkest, between which a tissue's grey levels lie on a chest.

A radiograph's values have no fixed scale as those of CT do, so a tissue can only be told by how
dark it is among the others.
"""


@dataclass(frozen=True, slots=True)
class Preset:
    """A window of the modality's values with its purpose.

    Parameters
    ----------
    kind
        What it is for.
    explanation
        The film's own words for it; "" where there are none. Untrusted text.
    voi
        The window, or the table.
    """

    kind: PresetKind
    explanation: str
    voi: Window | LookupTable


def presets_of(
    header: Dataset, values: Values, counts: NDArray[np.int64], *, inverted: bool
) -> tuple[Preset, ...]:
    """List the windows of a film.

    Parameters
    ----------
    header
        The film's header.
    values
        The modality's value of each value that can be stored.
    counts
        How many pixels have each, padding left out; at least two have some.
    inverted
        Whether the lowest value is the brightest.

    Returns
    -------
    tuple of Preset
        First the one that a film is first shown through, by the same rule as the picture that is
        read (`imaging.grey`).
    """
    fallback = estimated_window(values, counts)
    judge = Judge(counts, fallback(values))
    named = list(_named(header, signed=bool(values.min() < 0)))
    first = next((one for one in named if judge.approves(one[0](values))), None)
    others = [one for one in named if one is not first]
    presets = [
        Preset(PresetKind.FILM, words, window.plain)
        for window, words in ([first] if first else []) + others
    ]
    estimated = Preset(PresetKind.ESTIMATED, "", fallback.plain)
    presets.insert(1 if first else 0, estimated)
    made = _made(values, counts, inverted=inverted)
    return (*presets, *made)


def shares_of(voi: Window | LookupTable, values: Values) -> Values:
    """Give the share of white, in [0, 1], that a preset's window gives each of the values."""
    if isinstance(voi, Window):
        return FilmWindow(voi.center, voi.width, WindowFunction(voi.function))(values)
    entries = np.asarray(voi.entries, dtype=np.float64)
    return TableWindow(FilmTable(voi.first, entries, voi.bits))(values)


def _named(header: Dataset, *, signed: bool) -> Iterator[tuple[TableWindow | FilmWindow, str]]:
    """Give each named window with the film's words for it, where they are as many."""
    windows = named_windows(header, signed=signed)
    straight = [one for one in windows if isinstance(one, FilmWindow)]
    words = _texts(header, "WindowCenterWidthExplanation")
    words = words if len(words) == len(straight) else [""] * len(straight)
    yield from ((one, "") for one in windows if isinstance(one, TableWindow))
    yield from zip(straight, words, strict=True)


def _texts(header: Dataset, keyword: str) -> list[str]:
    found = value_of(header, keyword)
    several = found if isinstance(found, MultiValue | list) else [found or ""]
    return [str(one).strip()[:_LONGEST] for one in several]


def _made(values: Values, counts: NDArray[np.int64], *, inverted: bool) -> Iterator[Preset]:
    there = np.flatnonzero(counts)
    ordered = there[np.argsort(-values[there] if inverted else values[there], kind="stable")]
    reached = np.cumsum(counts[ordered]) / counts.sum()
    ends = {PresetKind.FULL: (0.0, 1.0), **_TISSUES}
    for kind, (dark, bright) in ends.items():
        last = len(ordered) - 1
        places = [min(int(np.searchsorted(reached, share)), last) for share in (dark, bright)]
        low, high = sorted(float(values[ordered[place]]) for place in places)
        if low < high:
            exact = WindowFunction.LINEAR_EXACT
            yield Preset(kind, "", Window((low + high) / 2, high - low, exact))
