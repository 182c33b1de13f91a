"""Where words go on a film: beside their boxes, on no box and on no other words.

All rectangles here are of a `Sheet`: in square units, as they are seen.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dicom_sr.graphics import Rectangle
from dicom_sr.sheet import Sheet

_GAP = 0.25
"""Distance of a label from its box, as a part of a line's height."""
_STEPS = 16
"""Lines that a label may lie away from its box before the whole film is searched."""
_MOST_OBSTACLES = 400
"""Boxes and texts up to which the whole film is searched; no film can be read under more."""
_TOUCH = 1e-6
"""Share of a label that may be covered by the rounding of coordinates."""
_NEAR = 0.5
"""Lines of distance up to which a label needs no line to its box."""
_Numbers = NDArray[np.float64]


def place_label(
    words: str,
    box: Rectangle,
    *,
    texts: Sequence[Rectangle],
    boxes: Sequence[Rectangle],
    sheet: Sheet,
) -> Rectangle:
    """Find room for a label.

    The nearest place beside its box that covers nothing; else the nearest anywhere on the film
    that covers nothing, which is found where there is one. On a film that is covered all over, or
    by more than 400 boxes and texts, the place beside it that covers least: of other texts first,
    then of its own box, then of the others.

    Parameters
    ----------
    words
        One line.
    box
        What the label belongs to.
    texts
        Texts that are placed already.
    boxes
        The boxes of the film.
    sheet
        The film.

    Returns
    -------
    Rectangle
        Inside the film.
    """
    size = sheet.length(words), sheet.line
    near = _inside(_beside(box, *size), size, sheet)
    groups = [_edges(things) for things in (texts, (box,), boxes)]
    costs = np.array([_covered(near, things, size) for things in groups])
    free = np.flatnonzero(costs.max(axis=0) <= _TOUCH)
    if free.size:
        return _rectangle(near[free[0]], size)
    obstacles = np.concatenate(groups)
    if len(obstacles) <= _MOST_OBSTACLES:
        corner = _nearest_free(obstacles, box, size, sheet)
        if corner is not None:
            return _rectangle(corner, size)
    # The last key is the first to sort by; a stable sort leaves the nearest in front.
    order = np.lexsort(np.round(costs[::-1], 3))
    return _rectangle(near[order[0]], size)


def top_lines(words: Sequence[str], *, boxes: Sequence[Rectangle], sheet: Sheet) -> list[Rectangle]:
    """Give room for lines of text, one below the other.

    In the top-left corner, unless boxes lie there; then in the first corner that is free, else in
    the free place nearest to the top-left one, else in the corner of which least is covered.
    Lines that a small or narrow film cannot hold at their full height are lower.
    """
    height = min(sheet.line, sheet.height / max(len(words), 1))
    lengths = [sheet.length(line) for line in words]
    block = max(lengths, default=0.0), height * len(words)
    edges = _edges(boxes)
    best: tuple[float, list[Rectangle]] | None = None
    for left in (0.0, sheet.width - block[0]):
        for top in (0.0, sheet.height - block[1]):
            places = _lines((left, top), lengths, height)
            covered = sum(
                float(_covered(np.array([[place.left, place.top]]), edges, (length, height))[0])
                for place, length in zip(places, lengths, strict=True)
            )
            if best is None or covered < best[0] - _TOUCH:
                best = covered, places
    assert best is not None  # noqa: S101 - for the type checker: there are four corners
    if best[0] > _TOUCH and len(edges) <= _MOST_OBSTACLES:
        corner = _nearest_free(edges, Rectangle(0.0, 0.0, 0.0, 0.0), block, sheet)
        if corner is not None:
            return _lines((float(corner[0]), float(corner[1])), lengths, height)
    return best[1]


def _lines(corner: tuple[float, float], lengths: Sequence[float], height: float) -> list[Rectangle]:
    left, top = corner
    return [
        Rectangle(left, top + height * number, left + length, top + height * (number + 1))
        for number, length in enumerate(lengths)
    ]


def anchor_of(place: Rectangle, box: Rectangle, sheet: Sheet) -> tuple[float, float] | None:
    """Give the point of a box to which a line leads from a label that lies apart from it.

    None where the label touches its box or lies within half a line of it: there it needs none.
    """
    column = min(max((place.left + place.right) / 2, box.left), box.right)
    row = min(max((place.top + place.bottom) / 2, box.top), box.bottom)
    across = max(place.left - column, column - place.right, 0.0)
    down = max(place.top - row, row - place.bottom, 0.0)
    return None if max(across, down) <= sheet.line * _NEAR else (column, row)


def _beside(box: Rectangle, width: float, height: float) -> _Numbers:
    """Give top-left corners for a label, the nearest first, [n, 2].

    Above and below the box at both of its ends, then right and left of it; the same again one
    line further off, and so on; at last inside it.
    """
    gap = height * _GAP
    corners: list[tuple[float, float]] = []
    for step in range(_STEPS):
        away = step * height
        for top in (box.top - gap - height - away, box.bottom + gap + away):
            corners += (box.left, top), (box.right - width, top)
        for top in (box.top + away, box.bottom - height - away):
            corners += (box.right + gap, top), (box.left - gap - width, top)
    corners += ((box.left + gap, box.top + gap + step * height) for step in range(_STEPS))
    return np.array(corners)


def _nearest_free(
    obstacles: _Numbers, box: Rectangle, size: tuple[float, float], sheet: Sheet
) -> _Numbers | None:
    """Give the top-left corner of the free place that is nearest to a box, None where none is.

    A label in a free place can be pushed left until it meets an obstacle or the film's edge, and
    then up, and so on: if any place is free, one is whose left is an obstacle's right or 0 and
    whose top is an obstacle's bottom or 0. The opposite edges and the box's own are tried, too,
    since they may be nearer.
    """
    width, height = size
    lefts = np.array([0.0, sheet.width - width, box.left, *obstacles[:, 2]])
    tops = np.array([0.0, sheet.height - height, box.top, *obstacles[:, 3]])
    lefts = np.unique(lefts[(lefts >= 0.0) & (lefts <= sheet.width - width)])
    tops = np.unique(tops[(tops >= 0.0) & (tops <= sheet.height - height)])
    down, along = np.nonzero(~_blocked(lefts, tops, obstacles, size))
    if not down.size:
        return None
    left, top = lefts[along], tops[down]
    across = np.maximum(box.left - left - width, left - box.right)
    apart = np.maximum(box.top - top - height, top - box.bottom)
    nearest = int(np.hypot(np.maximum(across, 0.0), np.maximum(apart, 0.0)).argmin())
    return np.array([left[nearest], top[nearest]])


def _blocked(
    lefts: _Numbers, tops: _Numbers, obstacles: _Numbers, size: tuple[float, float]
) -> NDArray[np.bool_]:
    """Tell at which corners a label would lie on an obstacle, [tops, lefts].

    An obstacle blocks a range of either: marked where it begins and ends, summed up once.
    """
    width, height = size
    touch = height * _TOUCH
    first = np.searchsorted(lefts, obstacles[:, 0] - width + touch, "right")
    last = np.searchsorted(lefts, obstacles[:, 2] - touch, "left")
    upper = np.searchsorted(tops, obstacles[:, 1] - height + touch, "right")
    lower = np.searchsorted(tops, obstacles[:, 3] - touch, "left")
    there = (first < last) & (upper < lower)
    first, last, upper, lower = (edge[there] for edge in (first, last, upper, lower))
    marked = np.zeros((tops.size + 1, lefts.size + 1), dtype=np.int64)
    np.add.at(marked, (upper, first), 1)
    np.add.at(marked, (lower, last), 1)
    np.add.at(marked, (upper, last), -1)
    np.add.at(marked, (lower, first), -1)
    blocked: NDArray[np.bool_] = marked.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
    return blocked


def _covered(corners: _Numbers, things: _Numbers, size: tuple[float, float]) -> _Numbers:
    """Give the share of a label at each corner that lies on things, [n]; more than 1 on several."""
    width, height = size
    left, top = corners[:, :1], corners[:, 1:]
    across = np.minimum(left + width, things[:, 2]) - np.maximum(left, things[:, 0])
    down = np.minimum(top + height, things[:, 3]) - np.maximum(top, things[:, 1])
    areas = np.maximum(across, 0.0) * np.maximum(down, 0.0)
    shares: _Numbers = areas.sum(axis=1) / (width * height)
    return shares


def _edges(things: Iterable[Rectangle]) -> _Numbers:
    edges = [(one.left, one.top, one.right, one.bottom) for one in things]
    return np.array(edges, dtype=np.float64).reshape(-1, 4)


def _inside(corners: _Numbers, size: tuple[float, float], sheet: Sheet) -> _Numbers:
    """Move labels, given by their top-left corners, into the film."""
    most = np.array([sheet.width - size[0], sheet.height - size[1]])
    return np.clip(corners, 0.0, np.maximum(most, 0.0))


def _rectangle(corner: _Numbers, size: tuple[float, float]) -> Rectangle:
    left, top = float(corner[0]), float(corner[1])
    return Rectangle(left, top, left + size[0], top + size[1])
