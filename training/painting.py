"""Painting a phantom: the body, its bones and vessels, and the film that comes of it."""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from training.anatomy import LEFT, RIGHT, SIDES
from training.canvas import Canvas, lattice
from training.geometry import soft
from training.hardware import ClavicleBreak, RibBreak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.anatomy import Anatomy
    from training.geometry import Array
    from training.shapes import Shape

_RIBS: Final = 10


def prepare(anatomy: Anatomy, rng: np.random.Generator, width: int, height: int) -> Canvas:
    """Give a canvas with the lungs full of air, heart and mediastinum in place.

    Parameters
    ----------
    anatomy
        The body.
    rng
        Source of the tissue's unevenness.
    width, height
        Size of the film in pixels.
    """
    x, y = anatomy.frame.body_grid(width, height)
    texture = lattice(rng, 9, width, height) * 0.6 + lattice(rng, 26, width, height) * 0.6
    texture += lattice(rng, 70, width, height) * 0.3
    air = np.zeros_like(x)
    walls = {side: anatomy.lateral(y, side) for side in SIDES}
    canvas = Canvas(anatomy, x, y, air, np.zeros_like(x), np.ones_like(x), texture, walls)
    for side in SIDES:
        half = canvas.half(side)
        t, down = side * x[half], y[half]
        inside = soft(walls[side][half] - t, 0.008) * soft(t - anatomy.inner(down), 0.008)
        inside *= soft(anatomy.diaphragm(t, side) - down, 0.007)
        middle = (t - 0.5 * anatomy.half_width) / (0.62 * anatomy.half_width)
        air[half] += inside * np.clip(1.0 - 0.38 * middle * middle, 0.4, 1)
    air *= 1 - 0.95 * _central_shadow(canvas)
    air *= 1 + 0.035 * texture
    return canvas


def _central_shadow(canvas: Canvas) -> Array:
    """Give the shadow of heart and great vessels, 0 to 1."""
    anatomy, x, y = canvas.anatomy, canvas.x, canvas.y
    cx, cy, wide, tall = anatomy.heart_axes()
    across = (x - cx - anatomy.heart_skew() * (y - cy)) / wide
    heart = soft(1 - np.hypot(across, (y - cy) / tall), 0.055)
    band = soft(anatomy.mediastinum_half(y) - np.abs(x), 0.008)
    lean = cx * soft(y - cy + 0.75 * tall, 0.75 * tall)
    waist = soft(anatomy.waist(y) - np.abs(x - lean), 0.012) * soft(cy - y, 0.02)
    band = np.maximum(band, waist)
    knob_x, knob_y = anatomy.knob_centre()
    knob = soft(anatomy.knob - np.hypot(x - knob_x, y - knob_y), 0.007)
    shadow = np.maximum(np.maximum(heart, band), knob)
    for side in SIDES:
        half = canvas.half(side)
        hx, hy = anatomy.hilum(side)
        away = ((x[half] - hx) / 0.045) ** 2 + ((y[half] - hy) / 0.07) ** 2
        shadow[half] = np.maximum(shadow[half], 0.45 * np.exp(-away))
    return np.asarray(shadow, dtype=np.float32)


def paint_vessels(canvas: Canvas, rng: np.random.Generator) -> None:
    """Draw vessels that leave each hilum and thin out towards the wall."""
    for side in SIDES:
        hx, hy = canvas.anatomy.hilum(side)
        window = canvas.window([(hx, hy)], 0.36)
        if window is None:
            continue
        dx, dy = side * (canvas.x[window] - hx), canvas.y[window] - hy
        far = np.sqrt(dx * dx + dy * dy) + np.float32(1e-3)
        angle = np.arctan2(dy, dx)
        thin = far / (0.0075 - 0.012 * np.minimum(far, 0.4))
        angle += 0.05 * canvas.texture[window]
        tree = np.zeros_like(far)
        for branch in np.linspace(-1.45, 1.5, 9):
            start = branch + float(rng.normal(0, 0.08))
            bend, size = float(rng.normal(0, 1.2)), float(rng.uniform(0.5, 1.0))
            # A parabola cut off at zero stands for a bell: it is much cheaper.
            near = (angle - np.float32(start) - np.float32(bend) * far) * thin
            near *= near
            tree += np.float32(size) * np.maximum(1 - 0.5 * near, 0)
        tree *= np.clip(1 - far / 0.36, 0, 1) * soft(far - 0.02, 0.02)
        lung = np.clip(canvas.air[window] * 1.4, 0, 1)
        canvas.extra[window] += 0.14 * tree * canvas.vessels[window] * lung


def paint_bones(canvas: Canvas, strength: float, shapes: Sequence[Shape]) -> None:
    """Draw spine, ribs, clavicles and scapulae, with the breaks among `shapes`."""
    anatomy = canvas.anatomy
    _paint_spine(canvas, strength)
    for side in SIDES:
        half = canvas.half(side)
        t, y = np.asarray(side * canvas.x[half], dtype=np.float32), canvas.y[half]
        wall, sheet = canvas.walls[side][half], canvas.extra[half]
        # Behind heart and belly there is more of everything else and less of a rib to see.
        seen = 0.5 + 0.5 * np.clip(canvas.air[half] * 1.5, 0, 1)
        cage = soft(wall + 0.012 - t, 0.006) * soft(t - 0.035, 0.012)
        breaks = [s for s in shapes if isinstance(s, RibBreak) and s.side == side]
        sheet += strength * cage * seen * _posterior(anatomy, t, y, breaks)
        sheet += 0.5 * strength * cage * seen * _anterior(anatomy, t, y)
        snapped = [s for s in shapes if isinstance(s, ClavicleBreak) and s.side == side]
        sheet += 0.9 * strength * _clavicle(anatomy, t, y, snapped)
        blade = anatomy.scapula * anatomy.half_width + 0.12 * (y - 0.1)
        edge = soft(t - blade, 0.006) * soft(0.36 * anatomy.lung_height - y, 0.05)
        sheet += 0.55 * strength * edge * soft(y - 0.02, 0.04)


def _paint_spine(canvas: Canvas, strength: float) -> None:
    anatomy, carina = canvas.anatomy, canvas.anatomy.carina_y()
    column = canvas.window([(0.0, -0.3), (0.0, 1.0)], 0.08)
    if column is None:
        return
    x, y = canvas.x[column], canvas.y[column]
    far = np.abs(x)
    bodies = 0.5 + 0.5 * soft(0.36 - np.abs(np.mod(y / 0.052, 1) - 0.5), 0.16)
    sheet = canvas.extra[column]
    sheet += 0.62 * strength * soft(0.036 - far, 0.009) * bodies
    sheet -= 0.11 * soft(0.017 - far, 0.006) * soft(carina - y, 0.02)
    for side in SIDES:
        hx, hy = anatomy.hilum(side)
        down = y - carina
        line = x - hx * down / (hy - carina)
        sheet -= (
            0.07 * soft(0.011 - np.abs(line), 0.006) * soft(down, 0.01) * soft(0.06 - down, 0.02)
        )


def _tube(distance: Array, half: float) -> Array:
    """Give a bone's profile: bright cortex around a paler middle."""
    body = soft(half - np.abs(distance), 0.3 * half)
    rim = (np.abs(distance) - np.float32(0.75 * half)) * np.float32(1 / (0.42 * half))
    cortex = np.maximum(1 - rim * rim, 0)
    return np.asarray(0.55 * body + 0.5 * cortex, dtype=np.float32)


def _posterior(anatomy: Anatomy, t: Array, y: Array, breaks: Sequence[RibBreak]) -> Array:
    first = anatomy.posterior_rib(t, 0)
    order = (y - first) / np.float32(anatomy.rib_spacing)
    index = np.round(order)
    off = (order - index) * np.float32(anatomy.rib_spacing)
    gap = np.zeros_like(t)
    for broken in breaks:
        outer = (t > broken.t) & (np.abs(y - first - broken.index * anatomy.rib_spacing) < 0.03)
        off = np.where(outer, y - first - broken.index * anatomy.rib_spacing - broken.shift, off)
        near = np.hypot(t - broken.t, 0.35 * (y - broken.middle(anatomy)))
        gap = np.maximum(gap, soft(0.008 - near, 0.004))
    inside = soft(index + 0.6, 0.1) * soft(_RIBS - index, 0.1)
    return np.asarray(_tube(off, 0.0105) * inside * (1 - gap), dtype=np.float32)


def _anterior(anatomy: Anatomy, t: Array, y: Array) -> Array:
    share = t / anatomy.half_width
    spacing = np.float32(anatomy.rib_spacing * 1.12)
    curve = y + np.float32(anatomy.rib_slope * 1.5) * share - np.float32(0.26)
    order = curve / spacing
    off = (order - np.round(order)) * spacing
    front = soft(share - 0.42, 0.08) * soft(np.round(order) + 0.9, 0.3) * soft(6 - order, 0.3)
    return np.asarray(_tube(off, 0.012) * front, dtype=np.float32)


def _clavicle(anatomy: Anatomy, t: Array, y: Array, breaks: Sequence[ClavicleBreak]) -> Array:
    off = y - anatomy.clavicle(t)
    gap = np.zeros_like(t)
    for broken in breaks:
        off = off - np.where(t > broken.t, np.float32(broken.shift), 0)
        gap = np.maximum(gap, soft(0.007 - np.abs(t - broken.t), 0.004))
    ends = soft(t - 0.03, 0.008) * soft(1.12 * anatomy.half_width - t, 0.02)
    return np.asarray(_tube(off, 0.0125) * ends * (1 - gap), dtype=np.float32)


def body_depth(canvas: Canvas) -> Array:
    """Give the attenuation of the soft tissue before any air is taken out, 0 outside the body."""
    anatomy, x, y = canvas.anatomy, canvas.x, canvas.y
    far = np.abs(x)
    shoulder = 0.24 * np.exp(-np.clip(y + 0.02, 0, None) / 0.11)
    flank = anatomy.half_width + anatomy.margin + shoulder
    slope = np.clip((y + 0.16) / 0.15, 0, 1)
    wide = np.where(y < 0.0, 0.1 + (flank - 0.1) * slope * slope * (3 - 2 * slope), flank)
    body = soft(wide - far, 0.012)
    round_off = np.clip(1 - (far / (wide + 0.05)) ** 2, 0, 1) ** 0.35
    depth = body * (0.35 + 0.6 * round_off)
    belly = soft(y - anatomy.lung_height, 0.12)
    depth += body * 0.12 * belly
    for side in SIDES:
        t = side * x - 0.55 * anatomy.half_width
        breast = np.hypot(t / 0.2, (y - 0.78 * anatomy.lung_height) / 0.17)
        depth += body * 0.13 * anatomy.breast * soft(1 - breast, 0.06)
    left = anatomy.dome(LEFT) + 0.05
    gas = np.hypot((x - 0.45 * anatomy.half_width) / 1.6, y - left - anatomy.bubble)
    depth -= 0.22 * soft(anatomy.bubble - gas, 0.012)
    liver = np.hypot((x - RIGHT * 0.4) / 0.4, (y - anatomy.lung_height - 0.15) / 0.14)
    return np.asarray(depth + 0.05 * body * np.exp(-(liver**2)), dtype=np.float32)
