"""Notices rows that never came: one stored value 0 from edge to edge, behind a straight cut.

A transfer or a disk that breaks off leaves zeros where memory was laid out beforehand, at the end
or in the middle of a film, and a decoder may leave the same. Shutters and collimators, too, leave
rows of one value: they lie at an edge of the film, mostly at several, and their border need not
cut through the picture. Where a lone band ends as straight as the rows themselves through most of
the picture's width, or lies in its middle, part of the film is missing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableObjectError
from core.reading import Remark
from imaging.bits import Cells

_LEAST: Final = 0.02
"""Share of a film's rows below which a band is no concern."""
_LARGE: Final = 0.2
"""Share of the rows from which a part of a frame, too, is remarked on."""
_CUT: Final = 0.5
"""Share of the columns over which a band's border cuts through a picture; intact films: none."""
_PARTLY: Final = 0.1
_STEEP: Final = 8.0
"""Times the usual step between rows that a border differs by."""
_CONTRAST: Final = 0.05
"""Share of the film's contrast that it differs by at least."""
_BESIDE: Final = 2
"""Rows between a band and the row compared with it: one may have broken off on its way."""
_MISSING: Final = Remark(
    "rows_missing",
    "A part of the film is one value from edge to edge: it may have broken off in transfer.",
)


@dataclass(frozen=True, slots=True)
class _Band:
    """Neighbouring rows of zeros, from `start` until before `end`."""

    start: int
    end: int


def completeness_remarks(stored: Cells, *, zero_is_padding: bool) -> tuple[Remark, ...]:
    """Look for rows that never came.

    Parameters
    ----------
    stored
        Stored values `[rows, columns]`.
    zero_is_padding
        Whether the header says that 0 is no picture.

    Returns
    -------
    tuple
        A remark where rows at one edge may be missing, or may be a shutter's.

    Raises
    ------
    UnreadableObjectError
        If 0 is no padding, and a band of zeros is cut out of the picture, or lies at an edge,
        cuts through the picture, and is no part of a frame.
    """
    rows = len(stored)
    bands = [band for band in _bands(stored) if band.end - band.start >= max(4, _LEAST * rows)]
    if not bands:
        return ()
    least = _CONTRAST * _contrast(stored)
    framed = len(bands) > 1 or _has_sides(stored, bands)
    remarks: tuple[Remark, ...] = ()
    for band in bands:
        cuts = (_cut(stored, band.start, -1, least), _cut(stored, band.end - 1, 1, least))
        inside = band.start > 0 and band.end < rows
        explained = zero_is_padding or (min(cuts) < _CUT if inside else framed)
        if max(cuts) >= _CUT and not explained:
            raise _broken_off(band, rows)
        large = max(cuts) >= _CUT and band.end - band.start >= _LARGE * rows
        if large or (max(cuts) >= _PARTLY and not framed):
            remarks = (_MISSING,)
    return remarks


def _bands(stored: Cells) -> list[_Band]:
    empty = np.concatenate(([False], ~stored.any(axis=1), [False]))
    borders = np.flatnonzero(empty[1:] != empty[:-1])
    return [_Band(int(start), int(end)) for start, end in borders.reshape(-1, 2)]


def _contrast(stored: Cells) -> float:
    """Give the distance between the darkest and the brightest percent, by every fourth row."""
    low, high = np.percentile(stored[::4, ::4], (1, 99))
    return float(high - low)


def _cut(stored: Cells, last: int, way: int, least: float) -> float:
    """Give the share of columns that end in a leap at a band's last row, downwards or upwards."""
    beside, beyond = last + way * _BESIDE, last + way * 2 * _BESIDE
    if not (0 <= beside < len(stored) and 0 <= beyond < len(stored)):
        return 0.0
    near, far = _row(stored, beside), _row(stored, beyond)
    limit = max(_STEEP * float(np.median(np.abs(near - far))), least)
    return float((np.abs(near) > limit).mean())


def _row(stored: Cells, at: int) -> NDArray[np.float64]:
    row: NDArray[np.float64] = stored[at].astype(np.float64)
    return row


def _has_sides(stored: Cells, bands: list[_Band]) -> bool:
    """Tell whether the band is part of a frame: the left or right edge is empty all along."""
    filled = np.ones(len(stored), dtype=np.bool_)
    for band in bands:
        filled[band.start : band.end] = False
    width = max(1, round(_LEAST * stored.shape[1]))
    picture = stored[filled]
    return not picture[:, :width].any() or not picture[:, -width:].any()


def _broken_off(band: _Band, rows: int) -> UnreadableObjectError:
    return UnreadableObjectError(
        f"rows are missing: {band.start + 1} to {band.end} of {rows} hold nothing but zeros"
    )
