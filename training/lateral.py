"""A lateral chest film: what must not be read as a frontal one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.canvas import lattice
from training.geometry import soft

if TYPE_CHECKING:
    from training.anatomy import Anatomy
    from training.geometry import Array


def attenuation(anatomy: Anatomy, rng: np.random.Generator, width: int, height: int) -> Array:
    """Paint a chest from its left side, the sternum at the left of the film.

    Parameters
    ----------
    anatomy
        The body; its sizes are used, its left and right lie over each other.
    rng
        Source of the tissue's unevenness.
    width, height
        Size of the film in pixels.

    Returns
    -------
    ndarray
        float32 (height, width), as `training.painting.body_depth` scales it.
    """
    x, y = anatomy.frame.body_grid(width, height)
    texture = lattice(rng, 9, width, height) * 0.6 + lattice(rng, 26, width, height) * 0.6
    half, lung = 0.86 * anatomy.half_width, anatomy.lung_height
    front = -half * (0.62 + 0.38 * soft(y - 0.15, 0.3))
    back = half * (0.72 + 0.24 * np.sin(np.clip(y / lung, 0, 1.2) * 2.2))
    body = soft(x - front + 0.07, 0.02) * soft(back + 0.12 - x, 0.02)
    dome = lung - 0.02 + 0.12 * np.clip((x + 0.3 * half) / (1.3 * half), -0.5, 1.2) ** 2
    air = soft(x - front, 0.012) * soft(back - x, 0.012) * soft(dome - y, 0.01)
    air *= soft(y - 0.03 - 0.35 * (x / half) ** 2 * 0.3, 0.03)
    hx, hy = -0.36 * half, 0.66 * lung
    lean = x - hx + 0.3 * (y - hy)
    heart = soft(1 - np.hypot(lean / (0.5 * half), (y - hy) / (0.36 * lung)), 0.2)
    root = 0.55 * np.exp(-(((x + 0.02) / 0.06) ** 2 + ((y - 0.45 * lung) / 0.09) ** 2))
    air *= (1 - 0.85 * heart) * (1 - root) * (1 + 0.04 * texture)
    column = x - back + 0.055 + 0.02 * np.sin(y * 5)
    bodies = 0.55 + 0.45 * soft(0.34 - np.abs(np.mod(y / 0.06, 1) - 0.5), 0.1)
    spine = soft(0.045 - np.abs(column), 0.01) * bodies
    sternum = soft(0.012 - np.abs(x - front + 0.012), 0.006) * soft(0.6 * lung - y, 0.05)
    rib = np.mod((y + 0.42 * x) / anatomy.rib_spacing, 1) - 0.5
    ribs = soft(0.2 - np.abs(rib), 0.1) * body * soft(lung + 0.05 - y, 0.04)
    depth = 0.92 * body + 0.1 * body * soft(y - lung, 0.12) - 0.55 * air
    depth += 0.16 * spine + 0.12 * sternum + 0.02 * ribs + 0.015 * texture
    return np.asarray(depth, dtype=np.float32)
