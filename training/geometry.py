"""Where things lie on a phantom film: soft edges, the patient's frame, boxes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

# float32 throughout; NumPy's types lose the width in arithmetic with Python's numbers.
Array = npt.NDArray[np.floating[Any]]
Point = tuple[float, float]
Box = tuple[float, float, float, float]


def soft(distance: Array, edge: float) -> Array:
    """Give 0 outside a shape and 1 inside it, with a smooth edge.

    Parameters
    ----------
    distance
        Signed distance to the border, positive inside, any shape.
    edge
        Half the width of the transition, in the unit of `distance`.
    """
    # In place: this is where most of a film's time goes.
    step = np.multiply(distance, np.float32(0.5 / edge))
    step += np.float32(0.5)
    np.maximum(step, 0, out=step)
    np.minimum(step, 1, out=step)
    slope = step * np.float32(-2)
    slope += np.float32(3)
    slope *= step
    slope *= step
    return slope


@dataclass(frozen=True)
class Frame:
    """The patient's frame on the film, so that one geometry renders at any size.

    Body coordinates are isotropic: the unit is the height of the film, x grows to the patient's
    left (the right of the film), y downwards, and the origin is the middle of the thorax at the
    level of the lung apices.

    Parameters
    ----------
    aspect
        Width of the film over its height.
    centre_x, top_y
        Place of the origin on the film, in film heights from its top-left corner.
    tilt
        Rotation of the patient about the middle of the thorax, in radians.
    pivot
        Distance of the rotation's centre below the origin.
    """

    aspect: float
    centre_x: float
    top_y: float
    tilt: float
    pivot: float = 0.35

    def __post_init__(self) -> None:
        """Refuse a film without an area."""
        if not self.aspect > 0:
            msg = f"aspect must be positive, not {self.aspect!r}"
            raise ValueError(msg)

    def body_grid(self, width: int, height: int) -> tuple[Array, Array]:
        """Give the body coordinates of every pixel's centre, two arrays (height, width)."""
        across = (np.arange(width, dtype=np.float32) + 0.5) * np.float32(self.aspect / width)
        down = (np.arange(height, dtype=np.float32) + 0.5) / np.float32(height)
        dx = across[None, :] - np.float32(self.centre_x)
        dy = down[:, None] - np.float32(self.top_y + self.pivot)
        cos, sin = np.float32(math.cos(self.tilt)), np.float32(math.sin(self.tilt))
        return cos * dx + sin * dy, cos * dy - sin * dx + np.float32(self.pivot)

    def film_point(self, point: Point) -> Point:
        """Give the place on the film, each axis in [0, 1], of a point in body coordinates."""
        x, y = point[0], point[1] - self.pivot
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        return (
            (self.centre_x + cos * x - sin * y) / self.aspect,
            self.top_y + self.pivot + sin * x + cos * y,
        )

    def box(self, points: Iterable[Point], margin: float = 0.0) -> Box | None:
        """Give the film box around points of the body, or None where none of it is on the film.

        Parameters
        ----------
        points
            Points in body coordinates.
        margin
            Added on each side, in film heights.
        """
        placed = [self.film_point(point) for point in points]
        pad = margin / self.aspect
        box = (
            max(0.0, min(u for u, _ in placed) - pad),
            max(0.0, min(v for _, v in placed) - margin),
            min(1.0, max(u for u, _ in placed) + pad),
            min(1.0, max(v for _, v in placed) + margin),
        )
        return box if box[2] - box[0] > 0 and box[3] - box[1] > 0 else None

    def window(
        self, points: Iterable[Point], margin: float, width: int, height: int
    ) -> tuple[slice, slice] | None:
        """Give the rows and columns around points of the body, so that painting stays local."""
        box = self.box(points, margin)
        if box is None:
            return None
        return (
            slice(math.floor(box[1] * height), math.ceil(box[3] * height)),
            slice(math.floor(box[0] * width), math.ceil(box[2] * width)),
        )


def smooth_path(points: tuple[Point, ...], steps: int = 6) -> tuple[Point, ...]:
    """Give a Catmull-Rom curve through points, `steps` segments between each two."""
    padded = (points[0], *points, points[-1])
    path: list[Point] = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            path.append((_catmull(a[0], b[0], c[0], d[0], t), _catmull(a[1], b[1], c[1], d[1], t)))
    return (*path, points[-1])


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
