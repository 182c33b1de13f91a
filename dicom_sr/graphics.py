"""From boxes to coordinates on the film.

Presentation states in PIXEL units and SCOORD share one convention (PS3.3 C.10.5.1.2 and
C.18.6.1.2): 0, 0 is the top-left corner of the top-left pixel and Columns, Rows the bottom-right
corner of the bottom-right one, so that a fraction is multiplied and nothing is shifted.
"""

from dataclasses import dataclass

import numpy as np

from core.marks import Point
from core.reading import Box


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
        single(box.x1 * columns, columns),
        single(box.y1 * rows, rows),
        single(box.x2 * columns, columns),
        single(box.y2 * rows, rows),
    )


def closed_polyline(rectangle: Rectangle) -> tuple[Point, ...]:
    """Give the outline as five (column, row) points, the last one the first again."""
    return (
        (rectangle.left, rectangle.top),
        (rectangle.right, rectangle.top),
        (rectangle.right, rectangle.bottom),
        (rectangle.left, rectangle.bottom),
        (rectangle.left, rectangle.top),
    )


def single(value: float, limit: int) -> float:
    """Give a coordinate as single precision holds it, clipped to a side of the film."""
    return float(min(max(np.float32(value), np.float32(0.0)), np.float32(limit)))
