"""What disease looks like on a phantom: shapes that take air out of a lung, or let it in.

Each shape knows its outline in body coordinates, from which its box is made, and how it changes
the canvas. Lengths are in film heights; densities are shares of a lung's contrast.
"""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.geometry import soft

if TYPE_CHECKING:
    from training.anatomy import Anatomy
    from training.canvas import Canvas
    from training.geometry import Array, Point


class Shape(ABC):
    """One visible piece of a finding."""

    @property
    def in_front(self) -> bool:
        """Tell whether it is painted over bones and vessels rather than into the lung."""
        return False

    @abstractmethod
    def outline(self, anatomy: Anatomy) -> list[Point]:
        """Give points on the border, in body coordinates; never empty."""

    @abstractmethod
    def paint(self, canvas: Canvas) -> None:
        """Change the canvas."""

    @property
    def margin(self) -> float:
        """Give the space that a reader's box leaves around the outline."""
        return 0.004


@dataclass(frozen=True)
class Blob(Shape):
    """A filled patch: a nodule where `ragged` is 0, a consolidation where it is large."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    density: float
    ragged: float
    edge: float

    def outline(self, anatomy: Anatomy) -> list[Point]:  # noqa: ARG002 - the same in every body
        """Give points on the ellipse."""
        turns = [2 * math.pi * step / 24 for step in range(24)]
        return [
            (self.x + self.radius_x * math.cos(a), self.y + self.radius_y * math.sin(a))
            for a in turns
        ]

    def paint(self, canvas: Canvas) -> None:
        """Take the air out of the ellipse, unevenly where it is ragged."""
        window = canvas.window(self.outline(canvas.anatomy), 0.35 * self.radius_y)
        if window is None:
            return
        far = np.hypot(
            (canvas.x[window] - self.x) / self.radius_x, (canvas.y[window] - self.y) / self.radius_y
        )
        inside = soft(1 - far + self.ragged * canvas.texture[window] * 0.25, self.edge)
        uneven = 1 - self.ragged * 0.3 * np.clip(canvas.texture[window] + 0.3, 0, 1)
        canvas.fill(window, self.density * inside * uneven)
        if self.ragged == 0:
            canvas.add(window, 0.25 * self.density * inside * np.clip(1.2 - far, 0, 1))


@dataclass(frozen=True)
class Band(Shape):
    """A plate of airless lung seen from its edge, as in subsegmental atelectasis."""

    x: float
    y: float
    length: float
    thickness: float
    slope: float
    density: float

    def outline(self, anatomy: Anatomy) -> list[Point]:  # noqa: ARG002 - the same in every body
        """Give the corners of the plate."""
        dx, dy = 0.5 * self.length, 0.5 * self.length * self.slope
        high = self.thickness
        return [
            (self.x + sign * dx, self.y + sign * dy + up)
            for sign in (-1, 1)
            for up in (-high, high)
        ]

    @property
    def margin(self) -> float:
        """Give the space of a reader's box around a thin line."""
        return 0.012

    def paint(self, canvas: Canvas) -> None:
        """Draw a band that thins out towards its ends."""
        window = canvas.window(self.outline(canvas.anatomy), 0.03)
        if window is None:
            return
        along = (canvas.x[window] - self.x) / (0.5 * self.length)
        bend = 0.006 * canvas.texture[window]
        across = np.abs(canvas.y[window] - self.y - self.slope * (canvas.x[window] - self.x) + bend)
        thick = self.thickness * np.sqrt(np.clip(1.05 - along * along, 0, 1))
        inside = soft(thick - across, 0.006) * soft(1.02 - np.abs(along), 0.12)
        canvas.fill(window, self.density * inside)
        canvas.add(window, 0.12 * self.density * inside)


@dataclass(frozen=True)
class Haze(Shape):
    """Fluid in the lung's tissue around a hilum, as in pulmonary edema."""

    side: int
    x: float
    y: float
    radius_x: float
    radius_y: float
    density: float

    def outline(self, anatomy: Anatomy) -> list[Point]:
        """Give points where the haze fades, kept inside the lung's widest extent."""
        turns = [2 * math.pi * step / 24 for step in range(24)]
        points = []
        for angle in turns:
            t = self.side * self.x + self.radius_x * math.cos(angle)
            t = min(max(t, anatomy.medial()), 0.98 * anatomy.half_width)
            y = min(self.y + self.radius_y * math.sin(angle), anatomy.angle_y(self.side))
            points.append((self.side * t, max(y, 0.02)))
        return points

    def paint(self, canvas: Canvas) -> None:
        """Blur the lung, most at the hilum, with short lines at the base."""
        window = canvas.window(self.outline(canvas.anatomy), 0.12)
        if window is None:
            return
        far = np.hypot(
            (canvas.x[window] - self.x) / self.radius_x, (canvas.y[window] - self.y) / self.radius_y
        )
        cloud = np.exp(-1.1 * far**2) * (1 + 0.35 * canvas.texture[window])
        canvas.air[window] *= 1 - np.clip(self.density * cloud, 0, 0.9)
        t = self.side * canvas.x[window]
        low = canvas.y[window] > 0.72 * canvas.anatomy.lung_height
        lines = (np.sin(canvas.y[window] * 330) > 0.55) & (t > 0.82 * canvas.anatomy.half_width)
        canvas.air[window] *= np.where(low & lines, np.float32(1 - 0.3 * self.density), 1)


@dataclass(frozen=True)
class Fluid(Shape):
    """Fluid in the pleural space, with a meniscus that climbs the chest wall."""

    side: int
    height: float
    rise: float
    density: float

    def surface(self, t: Array, anatomy: Anatomy) -> Array:
        """Give the y of the fluid's upper surface at each t."""
        climb = np.clip(t / anatomy.half_width, 0, 1) ** 4
        level = anatomy.angle_y(self.side) - self.height - self.rise * climb
        return np.asarray(level, dtype=np.float32)

    def outline(self, anatomy: Anatomy) -> list[Point]:
        """Give points on the surface and on the diaphragm below it."""
        t = np.linspace(anatomy.medial() + 0.03, 0.985 * anatomy.half_width, 40, dtype=np.float32)
        top, floor = self.surface(t, anatomy), anatomy.diaphragm(t, self.side)
        points: list[Point] = []
        for across, high, low in zip(t, top, floor, strict=True):
            if low - high > 0.004:
                points += [(self.side * float(across), float(v)) for v in (high, low)]
        return points or [(self.side * anatomy.half_width, anatomy.angle_y(self.side))]

    def paint(self, canvas: Canvas) -> None:
        """Fill the lung's base."""
        window = canvas.window(self.outline(canvas.anatomy), 0.05)
        if window is None:
            return
        t = self.side * canvas.x[window]
        below = canvas.y[window] - self.surface(t, canvas.anatomy)
        wet = soft(below + 0.004 * canvas.texture[window], 0.014) * soft(t, 0.01)
        canvas.fill(window, self.density * wet)


@dataclass(frozen=True)
class FreeAir(Shape):
    """Air in the pleural space: the lung has come away from the wall, most at its apex."""

    side: int
    depth: float
    reach: float
    contrast: float

    def lung_edge(self, y: Array, anatomy: Anatomy) -> Array:
        """Give the t of the visceral pleura at each y, 0 above the collapsed apex."""
        fade = np.clip(1 - y / (self.reach * anatomy.lung_height), 0, 1) ** 0.7
        lowered = np.asarray(y - 1.5 * self.depth * fade, dtype=np.float32)
        return np.asarray(anatomy.lateral(lowered, self.side) - self.depth * fade, dtype=np.float32)

    def outline(self, anatomy: Anatomy) -> list[Point]:
        """Give points on the pleura and on the wall outside it."""
        y = np.linspace(0.0, self.reach * anatomy.lung_height, 60, dtype=np.float32)
        wall = anatomy.lateral(y, self.side)
        edge = np.maximum(self.lung_edge(y, anatomy), anatomy.medial())
        points: list[Point] = []
        for high, outer, inner in zip(y, wall, edge, strict=True):
            if outer - inner > 0.008:
                points += [(self.side * float(t), float(high)) for t in (inner, outer)]
        return points or [(self.side * 0.5 * anatomy.half_width, 0.02)]

    def paint(self, canvas: Canvas) -> None:
        """Clear the space beyond the pleura of vessels and draw the pleura's white line."""
        window = canvas.window(self.outline(canvas.anatomy), 0.03)
        if window is None:
            return
        t, y = self.side * canvas.x[window], canvas.y[window]
        wall = canvas.walls[self.side][window]
        beyond = t - self.lung_edge(y, canvas.anatomy)
        free = soft(beyond, 0.006) * soft(wall - t, 0.008) * soft(t, 0.01)
        near = soft(0.006 - np.abs(beyond), 0.005) * soft(wall - t - 0.006, 0.006) * soft(t, 0.01)
        canvas.air[window] *= (1 + 0.22 * self.contrast * free) * (1 - 0.45 * self.contrast * near)
        canvas.vessels[window] *= 1 - free
