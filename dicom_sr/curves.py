"""Graphics of presentation states and of coordinates in reports, as polylines.

PS3.3 C.10.5.1.2 (POINT, POLYLINE, INTERPOLATED, CIRCLE, ELLIPSE) and C.18.6.1.2 (MULTIPOINT, too).
"""

import math
from typing import Final

from core.marks import Point

_CORNERS: Final = 72
"""Of a polyline that stands for a circle or an ellipse."""
_STEPS: Final = 8
"""Pieces of a curve between two of its points."""
_CIRCLE: Final = 2
_ELLIPSE: Final = 4


def polyline_of(sort: str, points: tuple[Point, ...], *, size: float) -> tuple[Point, ...]:
    """Give a graphic as one line.

    Parameters
    ----------
    sort
        Graphic Type.
    points
        Its points, in pixels.
    size
        Height and width of the cross that stands for a point, in pixels.

    Returns
    -------
    tuple
        The line's points; empty where the type is none of these, or the points do not fit it.
    """
    count = len(points)
    match sort:
        case "POINT" if count == 1:
            return _cross(points[0], size / 2)
        case "POLYLINE" if count > 1:
            return points
        case "INTERPOLATED" if count > 1:
            return _through(points)
        case "CIRCLE" if count == _CIRCLE:
            radius = math.dist(*points)
            return _around(points[0], (radius, 0.0), (0.0, radius))
        case "ELLIPSE" if count == _ELLIPSE:
            return _ellipse(points)
        case _:
            return ()


def _cross(at: Point, reach: float) -> tuple[Point, ...]:
    column, row = at
    return (
        (column - reach, row),
        (column + reach, row),
        at,
        (column, row - reach),
        (column, row + reach),
    )


def _ellipse(ends: tuple[Point, ...]) -> tuple[Point, ...]:
    """Both ends of the major axis, then both of the minor one."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = ends
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    return _around(middle, ((x2 - x1) / 2, (y2 - y1) / 2), ((x4 - x3) / 2, (y4 - y3) / 2))


def _around(middle: Point, first: Point, second: Point) -> tuple[Point, ...]:
    """Give the closed line around a middle, between the ends of two half axes."""
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    line = [
        (
            middle[0] + math.cos(turn) * first[0] + math.sin(turn) * second[0],
            middle[1] + math.cos(turn) * first[1] + math.sin(turn) * second[1],
        )
        for turn in turns
    ]
    return (*line, line[0])


def _through(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Give a smooth line through points (Catmull-Rom); the standard leaves its kind open."""
    closed = points[0] == points[-1]
    before, after = (points[-2], points[1]) if closed else (points[0], points[-1])
    padded = (before, *points, after)
    line = [
        (
            _between([point[0] for point in padded[start : start + 4]], step / _STEPS),
            _between([point[1] for point in padded[start : start + 4]], step / _STEPS),
        )
        for start in range(len(points) - 1)
        for step in range(_STEPS)
    ]
    return (*line, points[-1])


def _between(four: list[float], share: float) -> float:
    """Interpolate between the second and the third of four values."""
    a, b, c, d = four
    return 0.5 * (
        2 * b
        + (c - a) * share
        + (2 * a - 5 * b + 4 * c - d) * share**2
        + (3 * b - a - 3 * c + d) * share**3
    )
