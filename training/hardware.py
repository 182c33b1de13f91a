"""Support devices and broken bones: the shapes of a phantom that are not lung."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from training.geometry import smooth_path, soft
from training.shapes import Shape

if TYPE_CHECKING:
    from training.anatomy import Anatomy
    from training.canvas import Canvas
    from training.geometry import Point


@dataclass(frozen=True)
class Wire(Shape):
    """A tube, line or lead along a curve through `points`."""

    points: tuple[Point, ...]
    width: float
    density: float

    @property
    def in_front(self) -> bool:
        """Tell that metal lies over everything else."""
        return True

    def outline(self, anatomy: Anatomy) -> list[Point]:  # noqa: ARG002 - the same in every body
        """Give points along the curve."""
        return list(smooth_path(self.points))

    @property
    def margin(self) -> float:
        """Give the space of a reader's box around a thin line."""
        return 0.016

    def paint(self, canvas: Canvas) -> None:
        """Draw the curve segment by segment, each in its own small window."""
        path = smooth_path(self.points)
        metal = np.zeros_like(canvas.extra)
        for start, end in pairwise(path):
            window = canvas.window((start, end), 2 * self.width)
            if window is None:
                continue
            dx, dy = end[0] - start[0], end[1] - start[1]
            length = max(dx * dx + dy * dy, 1e-9)
            px, py = canvas.x[window] - start[0], canvas.y[window] - start[1]
            along = np.clip((px * dx + py * dy) / length, 0, 1)
            near = soft(self.width - np.hypot(px - along * dx, py - along * dy), 0.6 * self.width)
            # Segments overlap at their joints: the larger of the two keeps them from adding up.
            metal[window] = np.maximum(metal[window], self.density * near)
        canvas.extra += metal


@dataclass(frozen=True)
class Generator(Shape):
    """The can of a pacemaker under the skin."""

    x: float
    y: float
    half: float
    density: float

    @property
    def in_front(self) -> bool:
        """Tell that metal lies over everything else."""
        return True

    def outline(self, anatomy: Anatomy) -> list[Point]:  # noqa: ARG002 - the same in every body
        """Give the corners."""
        return [(self.x + a * self.half, self.y + b * self.half) for a in (-1, 1) for b in (-1, 1)]

    def paint(self, canvas: Canvas) -> None:
        """Draw a rounded plate."""
        window = canvas.window(self.outline(canvas.anatomy), 0.01)
        if window is None:
            return
        dx = np.abs(canvas.x[window] - self.x) / self.half
        dy = np.abs(canvas.y[window] - self.y) / self.half
        far = (dx**4 + dy**4) ** 0.25
        canvas.add(window, self.density * soft(1 - far, 0.12))


@dataclass(frozen=True)
class RibBreak(Shape):
    """A displaced break of one posterior rib, with the swelling around it."""

    side: int
    index: int
    t: float
    shift: float
    swelling: float

    def outline(self, anatomy: Anatomy) -> list[Point]:
        """Give the corners of the place a reader would mark."""
        y = self.middle(anatomy)
        return [(self.side * self.t + a * 0.045, y + b * 0.042) for a in (-1, 1) for b in (-1, 1)]

    def middle(self, anatomy: Anatomy) -> float:
        """Give the y of the rib where it is broken."""
        return float(anatomy.posterior_rib(np.float32(self.t) * np.ones(1, "f4"), self.index)[0])

    def paint(self, canvas: Canvas) -> None:
        """Draw the haematoma; the bone itself is drawn, broken, with the other ribs."""
        window = canvas.window(self.outline(canvas.anatomy), 0.01)
        if window is None:
            return
        y = self.middle(canvas.anatomy)
        far = np.hypot(
            (canvas.x[window] - self.side * self.t) / 0.042, (canvas.y[window] - y) / 0.04
        )
        canvas.fill(window, self.swelling * soft(1 - far, 0.5))


@dataclass(frozen=True)
class ClavicleBreak(Shape):
    """A break of a clavicle whose outer part has dropped by `shift`."""

    side: int
    t: float
    shift: float

    def outline(self, anatomy: Anatomy) -> list[Point]:
        """Give the corners of the place a reader would mark."""
        y = float(anatomy.clavicle(np.float32(self.t) * np.ones(1, "f4"))[0])
        return [
            (self.side * self.t + a * 0.048, y + 0.5 * self.shift + b * (0.03 + 0.5 * self.shift))
            for a in (-1, 1)
            for b in (-1, 1)
        ]

    def paint(self, canvas: Canvas) -> None:
        """Do nothing here: the bone is drawn, broken, with the other bones."""
