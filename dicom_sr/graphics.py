"""From boxes to coordinates on the film, and where their labels go.

Presentation states in PIXEL units and SCOORD share one convention (PS3.3 C.10.5.1.2 and
C.18.6.1.2): 0, 0 is the top-left corner of the top-left pixel and Columns, Rows the bottom-right
corner of the bottom-right one, so that a fraction is multiplied and nothing is shifted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.reading import Box

_LINE = 0.025
"""Height of a line of text, as a part of the shorter side."""
_CHARACTER = 0.5
"""Width of a character, as a part of a line's height; letters fill about 0.8 of the line."""
_GAP = 0.25
"""Distance of a label from its box, as a part of a line's height."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle in pixel coordinates: columns to the right, rows down."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Rectangle") -> float:
        """Give the area in common with another rectangle, in square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


def pixel_rectangle(box: Box, rows: int, columns: int) -> Rectangle:
    """Give a box in pixel coordinates, clipped to the film.

    The values are those that single precision, in which DICOM keeps them, can hold.
    """
    return Rectangle(
        _single(box.x1 * columns, columns),
        _single(box.y1 * rows, rows),
        _single(box.x2 * columns, columns),
        _single(box.y2 * rows, rows),
    )


def closed_polyline(rectangle: Rectangle) -> tuple[tuple[float, float], ...]:
    """Give the outline as five (column, row) points, the last one the first again."""
    return (
        (rectangle.left, rectangle.top),
        (rectangle.right, rectangle.top),
        (rectangle.right, rectangle.bottom),
        (rectangle.left, rectangle.bottom),
        (rectangle.left, rectangle.top),
    )


def line_height(rows: int, columns: int) -> float:
    """Give the height of a line of text in pixels."""
    return min(rows, columns) * _LINE


def place_label(
    words: str,
    box: Rectangle,
    taken: Sequence[Rectangle],
    *,
    rows: int,
    columns: int,
) -> Rectangle:
    """Find room for a label beside its box.

    Above the box, below it, then right and left of it, each at both of its ends; the first
    place inside the film that neither covers the label's own box nor anything else that is
    drawn. Where there is none (a box as large as the film), the place that covers least.

    Parameters
    ----------
    words
        One line.
    box
        What the label belongs to.
    taken
        All that is drawn already, the other boxes among it.
    rows, columns
        Size of the film in pixels.

    Returns
    -------
    Rectangle
        Inside the film.
    """
    height = line_height(rows, columns)
    width = min(height * _CHARACTER * len(words), float(columns))
    gap = height * _GAP
    lefts = (box.left, box.right - width)
    tops = (box.top, box.bottom - height)
    corners = [
        *((left, box.top - gap - height) for left in lefts),
        *((left, box.bottom + gap) for left in lefts),
        *((box.right + gap, top) for top in tops),
        *((box.left - gap - width, top) for top in tops),
        *((left, top) for top in (box.top + gap, box.bottom - gap - height) for left in lefts),
    ]
    places = [_inside(corner, (width, height), rows, columns) for corner in corners]
    return min(places, key=lambda place: _covered(place, (box, *taken)))


def top_lines(words: Sequence[str], *, rows: int, columns: int) -> list[Rectangle]:
    """Give room for lines of text, one below the other from the top-left corner.

    Lines that a small or narrow film cannot hold one below the other lie on its last line.
    """
    height = line_height(rows, columns)
    return [
        _inside(
            (0.0, number * height),
            (min(height * _CHARACTER * len(line), float(columns)), height),
            rows,
            columns,
        )
        for number, line in enumerate(words)
    ]


def _covered(place: Rectangle, things: Iterable[Rectangle]) -> float:
    return sum(place.overlap(thing) for thing in things)


def _inside(
    corner: tuple[float, float], size: tuple[float, float], rows: int, columns: int
) -> Rectangle:
    """Move a rectangle, given by its top-left corner and width and height, into the film."""
    width, height = size
    left = min(max(corner[0], 0.0), columns - width)
    top = min(max(corner[1], 0.0), rows - height)
    return Rectangle(
        _single(left, columns),
        _single(top, rows),
        _single(left + width, columns),
        _single(top + height, rows),
    )


def _single(value: float, limit: int) -> float:
    return float(min(max(np.float32(value), np.float32(0.0)), np.float32(limit)))
