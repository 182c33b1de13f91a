"""From boxes to coordinates on the film, and where their labels go.

Presentation states in PIXEL units and SCOORD share one convention (PS3.3 C.10.5.1.2 and
C.18.6.1.2): 0, 0 is the top-left corner of the top-left pixel and Columns, Rows the bottom-right
corner of the bottom-right one, so that a fraction is multiplied and nothing is shifted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.reading import Box

_LINE = 0.025
"""Height of a line of text, as a part of the shorter side."""
_CHARACTER = 0.5
"""Width of a character, as a part of a line's height; letters fill about 0.8 of the line."""
_GAP = 0.25
"""Distance of a label from its box, as a part of a line's height."""
_STEPS = 16
"""Lines that a label may lie away from its box."""
_FAR = 0.25
"""Share of a label for whose sake, were it covering other boxes, it goes one line further."""


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
    *,
    texts: Sequence[Rectangle],
    boxes: Sequence[Rectangle],
    rows: int,
    columns: int,
) -> Rectangle:
    """Find room for a label near its box.

    A place inside the film that covers no other text; among those, one that does not cover the
    label's own box, and then the nearest that covers little of the other boxes. Where no place
    is free (a box as large as the film), what is covered is least.

    Parameters
    ----------
    words
        One line.
    box
        What the label belongs to.
    texts
        Texts that are placed already.
    boxes
        The other boxes.
    rows, columns
        Size of the film in pixels.

    Returns
    -------
    Rectangle
        Inside the film.
    """
    height = line_height(rows, columns)
    width = min(height * _CHARACTER * len(words), float(columns))
    best: tuple[tuple[float, float, float], Rectangle] | None = None
    for step, corner in _corners(box, width, height):
        if best is not None and best[0] <= (0.0, 0.0, _FAR * step):
            break
        place = _inside(corner, (width, height), rows, columns)
        on_texts, on_own, on_others = (
            _covered(place, things) / (width * height) for things in (texts, (box,), boxes)
        )
        cost = round(on_texts, 6), round(on_own, 6), round(on_others + _FAR * step, 2)
        if best is None or cost < best[0]:
            best = cost, place
    assert best is not None  # noqa: S101 - for the type checker: there are always corners
    return best[1]


def _corners(
    box: Rectangle, width: float, height: float
) -> Iterator[tuple[int, tuple[float, float]]]:
    """Give top-left corners for a label and how many lines they lie away from its box.

    Above and below the box at both of its ends, then right and left of it; the same again one
    line further off, and so on; at last inside it.
    """
    gap = height * _GAP
    for step in range(_STEPS):
        away = step * height
        for top in (box.top - gap - height - away, box.bottom + gap + away):
            yield step, (box.left, top)
            yield step, (box.right - width, top)
        for top in (box.top + away, box.bottom - height - away):
            yield step, (box.right + gap, top)
            yield step, (box.left - gap - width, top)
    for step in range(_STEPS):
        yield step, (box.left + gap, box.top + gap + step * height)


def anchor_of(place: Rectangle, box: Rectangle, height: float) -> tuple[float, float] | None:
    """Give the point of a box to which a line leads from a label that lies apart from it.

    None where the label touches its box or lies within half a line of it: there it needs none.
    """
    column = min(max((place.left + place.right) / 2, box.left), box.right)
    row = min(max((place.top + place.bottom) / 2, box.top), box.bottom)
    across = max(place.left - column, column - place.right, 0.0)
    down = max(place.top - row, row - place.bottom, 0.0)
    return None if max(across, down) <= height / 2 else (column, row)


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
