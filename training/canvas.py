"""The sheet that a phantom is painted on: what the rays pass through, pixel by pixel."""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from training.anatomy import Anatomy
    from training.geometry import Array, Point

Window = tuple[slice, slice]


def lattice(rng: np.random.Generator, cells: int, width: int, height: int) -> Array:
    """Give smooth unit noise of `cells` cells a side, the same picture at every size."""
    noise = rng.standard_normal((cells, cells)).astype(np.float32)
    resized = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized, dtype=np.float32)


@dataclass
class Canvas:
    """Layers of one film, each a float32 array (height, width).

    Parameters
    ----------
    anatomy
        The body.
    x, y
        Body coordinates of each pixel's centre.
    air
        Share of each ray's lung that is air: what fills the lung multiplies it down.
    extra
        Attenuation added by bone, vessels and metal, in units of a lung's contrast.
    vessels
        How much of the vessels is seen; a pneumothorax has none.
    texture
        Smooth noise of about unit variance, for uneven tissue and ragged borders.
    walls
        By side, the t of the lung's lateral border at each pixel.
    """

    anatomy: Anatomy
    x: Array
    y: Array
    air: Array
    extra: Array
    vessels: Array
    texture: Array
    walls: dict[int, Array]

    def window(self, points: Iterable[Point], margin: float) -> Window | None:
        """Give the part of the sheet around points of the body, None where it is off the film."""
        height, width = self.x.shape
        return self.anatomy.frame.window(points, margin, width, height)

    def half(self, side: int) -> Window:
        """Give the part of the sheet on one side of the midline, a little beyond it."""
        columns = np.flatnonzero((side * self.x[[0, -1]] > -0.05).any(axis=0))
        return slice(None), slice(int(columns[0]), int(columns[-1]) + 1)

    def fill(self, window: Window, share: Array) -> None:
        """Take air out of a window: `share` is 0 for untouched lung, 1 for solid."""
        self.air[window] *= 1 - share
        self.vessels[window] *= 1 - share

    def add(self, window: Window, density: Array) -> None:
        """Add attenuation in a window; dense things in front of each other do add up."""
        self.extra[window] += density
