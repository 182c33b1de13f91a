"""The chest of a phantom: the parameters of one body and the curves they define.

Lengths are in film heights and body coordinates are those of `training.geometry.Frame`. A side is
-1 for the patient's right (the left of the film) and +1 for the patient's left; `t` is the
distance from the midline towards that side.
"""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.geometry import Frame

if TYPE_CHECKING:
    from training.geometry import Array, Point

RIGHT: Final = -1
LEFT: Final = 1
SIDES: Final = (RIGHT, LEFT)
SIDE_NAMES: Final = {RIGHT: "right", LEFT: "left"}

# Part of the lung's medial border that the heart and the great vessels always cover.
_MEDIAL: Final = 0.14
# Where the apex stands, in shares of the thorax' half width.
_APEX: Final = 0.38


@dataclass(frozen=True)
class Anatomy:
    """One body as it stands before the detector, findings of size included.

    The heart's and the mediastinum's widths live here rather than with the other findings because
    cardiomegaly and an enlarged cardiomediastinum are nothing but these two numbers.
    """

    frame: Frame
    projection: str
    half_width: float
    lung_height: float
    angle_depth: float
    left_drop: float
    heart_ratio: float
    heart_shift: float
    mediastinum: float
    knob: float
    rib_spacing: float
    rib_phase: float
    rib_slope: float
    clavicle_y: float
    clavicle_rise: float
    scapula: float
    margin: float
    bubble: float
    breast: float

    def dome(self, side: int) -> float:
        """Give the y of the top of a hemidiaphragm."""
        return self.lung_height + (self.left_drop if side == LEFT else 0.0)

    def angle_y(self, side: int) -> float:
        """Give the y of a costophrenic angle."""
        return self.dome(side) + self.angle_depth

    def lateral(self, y: Array, side: int) -> Array:
        """Give the t of the lung's lateral border at each y; 0 above the apex."""
        height = self.angle_y(side)
        rise = np.clip(y / np.float32(0.78 * height), 0, 1)
        share = np.sqrt(rise * (2 - rise)) * (1 - _APEX) + _APEX
        taper = np.clip(y / np.float32(height) - np.float32(0.78), 0, None)
        width = self.half_width * share * (1 - 0.2 * taper)
        return np.asarray(np.where(y > 0, width, 0), dtype=np.float32)

    def medial(self) -> float:
        """Give the t of the lung's medial border, behind heart and vessels."""
        return _MEDIAL * self.half_width

    def inner(self, y: Array) -> Array:
        """Give the t of the lung's medial border at each y: it swings out to the apex."""
        rise = np.clip(y / np.float32(0.2 * self.lung_height), 0, 1)
        share = _APEX - (_APEX - _MEDIAL) * np.sqrt(rise * (2 - rise))
        return np.asarray(self.half_width * share, dtype=np.float32)

    def diaphragm(self, t: Array, side: int) -> Array:
        """Give the y of the hemidiaphragm at each t."""
        top = 0.42 * self.half_width
        outer = np.clip((t - top) / (self.half_width - top), 0, None)
        inner = np.clip((top - t) / top, 0, None)
        fall = self.angle_depth * (outer**2.4 + 0.4 * inner**2)
        return np.asarray(self.dome(side) + fall, dtype=np.float32)

    def heart_axes(self) -> tuple[float, float, float, float]:
        """Give centre x, centre y and the two half axes of the heart's ellipse."""
        half = self.heart_ratio * self.half_width
        tall = 0.70 * half + 0.062
        return (
            self.heart_shift * half,
            self.lung_height + 0.012 - 0.62 * tall,
            math.sqrt(max(half**2 - (self.heart_skew() * tall) ** 2, 1e-6)),
            tall,
        )

    @staticmethod
    def heart_skew() -> float:
        """Give how far the heart leans to the left as it goes down."""
        return 0.32

    def heart_outline(self, count: int = 48) -> list[Point]:
        """Give points on the heart's visible border, down to where it meets the diaphragm."""
        cx, cy, wide, tall = self.heart_axes()
        floor = self.lung_height + 0.35 * self.angle_depth
        points = []
        for step in range(count):
            angle = 2 * math.pi * step / count
            down = tall * math.sin(angle)
            points.append(
                (
                    cx + wide * math.cos(angle) + self.heart_skew() * down,
                    min(cy + down, floor),
                )
            )
        return points

    def mediastinum_half(self, y: Array) -> Array:
        """Give the half width of the upper mediastinum at each y."""
        belly = np.exp(-(((y - 0.24 * self.lung_height) / (0.2 * self.lung_height)) ** 2))
        base = min(self.mediastinum, 0.058)
        return np.asarray(base + (self.mediastinum - base) * belly, dtype=np.float32)

    def waist(self, y: Array) -> Array:
        """Give how far heart and great vessels reach from the midline above the heart's middle."""
        _, cy, wide, tall = self.heart_axes()
        down = np.clip((y - (cy - 1.5 * tall)) / (1.5 * tall), 0, 1)
        return np.asarray(0.045 + (0.92 * wide - 0.045) * down**3, dtype=np.float32)

    def knob_centre(self) -> Point:
        """Give the centre of the aortic knob."""
        return (0.75 * self.mediastinum, 0.235 * self.lung_height)

    def carina_y(self) -> float:
        """Give the y at which the trachea divides."""
        return 0.37 * self.lung_height

    def hilum(self, side: int) -> Point:
        """Give the centre of a hilum; the left one is a little higher."""
        return (side * 0.27 * self.half_width, (0.47 if side == RIGHT else 0.44) * self.lung_height)

    def posterior_rib(self, t: Array, index: float) -> Array:
        """Give the y of a posterior rib's middle at each t."""
        share = t / self.half_width
        fall = self.rib_slope * (1.35 * share**2 - 0.35 * share)
        return np.asarray((index + self.rib_phase) * self.rib_spacing + fall, dtype=np.float32)

    def clavicle(self, t: Array) -> Array:
        """Give the y of a clavicle's middle at each t: an S that rises outwards."""
        share = t / self.half_width
        rise = self.clavicle_rise * share
        wave = 0.016 * np.sin(share * 5.0)
        return np.asarray(self.clavicle_y - rise - wave, dtype=np.float32)

    def lung_outline(self, side: int, count: int = 40) -> list[Point]:
        """Give points on the border of one lung."""
        y = np.linspace(0.0, self.angle_y(side), count, dtype=np.float32)
        lateral = self.lateral(y, side)
        inside = lateral >= self.inner(y)
        points = [(side * float(t), float(v)) for t, v in zip(lateral, y, strict=True)]
        kept = [point for point, ok in zip(points, inside, strict=True) if ok]
        return [*kept, (side * self.medial(), self.dome(side))]


def sample_anatomy(
    rng: np.random.Generator, heart_ratio: float, widening: float, projection: str
) -> Anatomy:
    """Draw one body.

    Parameters
    ----------
    rng
        Source of every number; the same state gives the same body.
    heart_ratio
        Cardiothoracic ratio on this film.
    widening
        Half width of the upper mediastinum over the thorax' half width.
    projection
        ``"PA"`` or ``"AP"``: in AP films the scapulae lie over the lungs, the clavicles are
        higher and the breath is shallower.
    """
    portable = projection == "AP"
    aspect = 1.0 if rng.random() < 0.4 else float(rng.uniform(0.8, 1.25))
    # A narrow film is filled by the thorax, a wide one leaves room at its sides.
    half_width = float(rng.uniform(0.87, 1.0)) * min(0.40, 0.42 * aspect)
    lung_height = float(rng.uniform(0.56, 0.64)) - (0.05 if portable else 0.0)
    frame = Frame(
        aspect=aspect,
        centre_x=aspect / 2 + float(rng.uniform(-0.025, 0.025)),
        top_y=float(rng.uniform(0.10, 0.19)),
        tilt=float(rng.normal(0, 0.022)),
    )
    return Anatomy(
        frame=frame,
        projection=projection,
        half_width=half_width,
        lung_height=lung_height,
        angle_depth=float(rng.uniform(0.10, 0.15)),
        left_drop=float(rng.uniform(0.005, 0.03)),
        heart_ratio=heart_ratio,
        heart_shift=float(rng.uniform(0.24, 0.38)),
        mediastinum=widening * half_width,
        knob=float(rng.uniform(0.030, 0.042)),
        rib_spacing=float(rng.uniform(0.062, 0.074)),
        rib_phase=float(rng.uniform(0.1, 0.9)),
        rib_slope=float(rng.uniform(0.09, 0.16)),
        clavicle_y=float(rng.uniform(0.085, 0.12)) - (0.03 if portable else 0.0),
        clavicle_rise=float(rng.uniform(0.04, 0.11)),
        scapula=float(rng.uniform(0.70, 0.85) if portable else rng.uniform(0.93, 1.03)),
        margin=float(rng.uniform(0.02, 0.10)),
        bubble=float(rng.uniform(0.0, 0.05)),
        breast=float(rng.choice([0.0, rng.uniform(0.3, 1.0)])),
    )
