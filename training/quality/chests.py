"""Chests for the quality gate, looser than the phantoms that a model learns to read from.

A gate meets every build, breath, exposure and disease, so bodies and tissues vary here far beyond
`training.phantom`: what is kept is only what makes a frontal chest film one. Beside each picture
come the masks of the two lungs, so that it is known how much of the chest a crop has lost.
"""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training import lateral
from training.anatomy import SIDES, sample_anatomy
from training.canvas import lattice
from training.geometry import soft
from training.painting import body_depth, paint_bones, paint_vessels, prepare
from training.phantom import View, sample

if TYPE_CHECKING:
    from training.anatomy import Anatomy
    from training.canvas import Canvas
    from training.geometry import Array

SIZE: Final = 96
"""Side of every picture in pixels; a film of another shape is squeezed to it."""


def frontal(seed: int, index: int) -> tuple[Array, Array]:
    """Paint a frontal chest, upright, bone white.

    Parameters
    ----------
    seed, index
        The film's number `index` of the series `seed`; every third is a phantom as it is.

    Returns
    -------
    tuple
        The picture, float32 (SIZE, SIZE) in [0, 1], and the lungs' masks, float32
        (2, SIZE, SIZE): the patient's right lung, then the left.
    """
    rng = np.random.default_rng([seed, index, 20])
    if index % 3 == 0:
        phantom = sample(seed, index, difficulty="hard" if rng.random() < 0.5 else "default")
        return phantom.render(SIZE, SIZE), _lungs(phantom.anatomy)
    anatomy = _loose(rng)
    return _paint(anatomy, rng), _lungs(anatomy)


def side_view(seed: int, index: int) -> Array:
    """Paint a lateral chest, upright, bone white: float32 (SIZE, SIZE) in [0, 1]."""
    rng = np.random.default_rng([seed, index, 21])
    if index % 3 == 0:
        return sample(seed, index, view=View.LATERAL).render(SIZE, SIZE)
    anatomy = _loose(rng)
    depth = lateral.attenuation(anatomy, rng, SIZE, SIZE)
    x, y = anatomy.frame.body_grid(SIZE, SIZE)
    # Raised arms and shoulder blades whiten the top, liver and both domes the bottom.
    top = soft(float(rng.uniform(0.0, 0.25)) - y, float(rng.uniform(0.03, 0.15)))
    floor = soft(y - anatomy.lung_height * float(rng.uniform(0.75, 1.0)) - 0.3 * x, 0.08)
    depth += float(rng.uniform(0, 0.5)) * top + float(rng.uniform(0, 0.4)) * floor
    depth += float(rng.uniform(0, 0.12)) * lattice(rng, int(rng.integers(3, 9)), SIZE, SIZE)
    if rng.random() < 0.3:
        depth = np.maximum(depth, _arm(rng, x, y))
    return _expose(depth, rng)


def _loose(rng: np.random.Generator) -> Anatomy:
    """Draw a body beyond the phantoms' range: fat and thin, any breath, badly centred."""
    anatomy = sample_anatomy(
        rng,
        heart_ratio=float(rng.uniform(0.34, 0.72)),
        widening=float(rng.uniform(0.16, 0.44)),
        projection=str(rng.choice(["PA", "AP"])),
    )
    lung_height = anatomy.lung_height * float(rng.uniform(0.65, 1.25))
    frame = replace(
        anatomy.frame,
        centre_x=anatomy.frame.centre_x + float(rng.uniform(-0.06, 0.06)),
        top_y=float(rng.uniform(0.0, 0.25)),
    )
    return replace(
        anatomy,
        frame=frame,
        half_width=anatomy.half_width * float(rng.uniform(0.85, 1.2)),
        lung_height=lung_height,
        angle_depth=float(rng.uniform(0.03, 0.18)),
        left_drop=float(rng.uniform(-0.02, 0.05)),
        heart_shift=float(rng.uniform(0.2, 0.45)),
        margin=float(rng.choice([rng.uniform(0.0, 0.1), rng.uniform(0.1, 0.6)])),
        bubble=float(rng.choice([0.0, rng.uniform(0.0, 0.1)])),
        breast=float(rng.choice([0.0, rng.uniform(0.3, 1.6)])),
        scapula=float(rng.uniform(0.6, 1.1)),
    )


def _lungs(anatomy: Anatomy) -> Array:
    x, y = anatomy.frame.body_grid(SIZE, SIZE)
    masks = []
    for side in SIDES:
        t = side * x
        inside = (t < anatomy.lateral(y, side)) & (t > anatomy.inner(y))
        masks.append(inside & (y < anatomy.diaphragm(t, side)))
    return np.stack(masks).astype(np.float32)


def _paint(anatomy: Anatomy, rng: np.random.Generator) -> Array:
    canvas = prepare(anatomy, rng, SIZE, SIZE)
    _fog(canvas, rng)
    paint_vessels(canvas, rng)
    paint_bones(canvas, float(rng.uniform(0.09, 0.17)), ())
    depth = float(rng.uniform(0.8, 1.2)) * body_depth(canvas)
    depth -= float(rng.uniform(0.35, 0.75)) * canvas.air
    depth += float(rng.uniform(0.2, 1.6)) * canvas.extra
    depth += float(rng.uniform(0.0, 0.03)) * canvas.texture
    belly = soft(canvas.y - anatomy.lung_height, float(rng.uniform(0.05, 0.2)))
    depth += float(rng.uniform(0.0, 0.35)) * belly
    depth += _gas(canvas, rng) * belly
    if rng.random() < 0.35:
        head = np.hypot(canvas.x / 0.16, (canvas.y + rng.uniform(0.22, 0.34)) / 0.22)
        depth += float(rng.uniform(0.1, 0.7)) * soft(1 - head, 0.15)
    if rng.random() < 0.4:
        for side in SIDES:
            depth = np.maximum(depth, _arm(rng, side * canvas.x, canvas.y))
    for _ in range(int(rng.choice([0, 0, 1, 2, 4]))):
        depth += _line(rng, canvas.x, canvas.y)
    return _expose(depth, rng)


def _fog(canvas: Canvas, rng: np.random.Generator) -> None:
    """Fill the lungs here and there, up to a white one, and thin what air is left."""
    tall = canvas.anatomy.lung_height
    rise = float(rng.uniform(0, 0.7)) * np.clip(canvas.y / tall, 0, 1) ** rng.uniform(1, 4)
    canvas.air *= 1 - rise
    for side in SIDES:
        if rng.random() < 0.45:
            wide, x = float(rng.uniform(0.06, 0.3)), side * float(rng.uniform(0.05, 0.35))
            far = np.hypot(canvas.x - x, canvas.y - float(rng.uniform(0, 1.1)) * tall)
            patch = float(rng.uniform(0.3, 0.95)) * np.exp(-((far / wide) ** 2))
            ragged = np.clip(1 + rng.uniform(0, 0.6) * canvas.texture, 0, 1.5)
            canvas.air *= 1 - np.clip(patch * ragged, 0, 1)
    if rng.random() < 0.12:
        side = int(rng.choice(SIDES))
        canvas.air *= 1 - float(rng.uniform(0.5, 1.0)) * soft(side * canvas.x, 0.03)
    canvas.air *= float(rng.uniform(0.5, 1.0))


def _gas(canvas: Canvas, rng: np.random.Generator) -> Array:
    """Give loops of bowel gas, negative where they are."""
    loops = lattice(rng, int(rng.integers(6, 14)), canvas.x.shape[1], canvas.x.shape[0])
    return np.asarray(-float(rng.uniform(0, 0.25)) * np.clip(loops - 0.6, 0, 1))


def _arm(rng: np.random.Generator, t: Array, y: Array) -> Array:
    """Give an arm beside the chest, a tube with a bone in it; `t` grows away from the body."""
    centre = rng.uniform(0.42, 0.62) + rng.uniform(-0.1, 0.25) * y
    half = rng.uniform(0.04, 0.09)
    share = np.clip(1 - ((t - centre) / half) ** 2, 0, 1)
    bone = soft(0.018 - np.abs(t - centre), 0.01)
    arm = (0.75 * np.sqrt(share) + 0.2 * bone) * soft(y - rng.uniform(-0.1, 0.4), 0.05)
    return np.asarray(arm, dtype=np.float32)


def _line(rng: np.random.Generator, x: Array, y: Array) -> Array:
    """Give a lead, a tube or a wire across the film."""
    bend = rng.uniform(0.02, 0.3) * np.sin(y * rng.uniform(2, 12) + rng.uniform(0, 6))
    off = x - rng.uniform(-0.4, 0.4) - rng.uniform(-0.8, 0.8) * (y - 0.3) - bend
    seen = soft(y - rng.uniform(-0.2, 0.5), 0.01) * soft(rng.uniform(0.3, 1.0) - y, 0.01)
    return np.asarray(rng.uniform(0.1, 0.5) * soft(0.008 - np.abs(off), 0.006) * seen)


def _expose(depth: Array, rng: np.random.Generator) -> Array:
    """Turn attenuation into grey: any window that keeps most of the film, any tone, any grain."""
    low = float(np.quantile(depth, rng.uniform(0.0, 0.06)))
    high = float(np.quantile(depth, rng.uniform(0.9, 1.0))) + float(rng.uniform(0, 0.1))
    tone = np.float32(rng.uniform(0.6, 1.8))
    grey = np.clip((depth - low) / max(high - low, 1e-3), 0, 1) ** tone
    grey += float(rng.choice([0.0, rng.uniform(0, 0.06)])) * lattice(rng, 60, SIZE, SIZE)
    return np.asarray(np.clip(grey, 0, 1), dtype=np.float32)
