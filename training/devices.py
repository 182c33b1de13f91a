"""Drawing support devices for a phantom: tubes, lines and pacemakers."""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.anatomy import LEFT, SIDE_NAMES, SIDES, Anatomy
from training.hardware import Generator, Wire
from training.parts import Part, Strength, make_part


def draw_devices(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    """Draw one or two devices.

    Parameters
    ----------
    anatomy
        The body.
    rng
        Source of every number.
    strength
        How plain they are to be.
    """
    makers: tuple[Callable[[Anatomy, np.random.Generator, float], list[Part]], ...] = (
        _endotracheal_tube,
        _central_line,
        _pacemaker,
        _feeding_tube,
        _chest_tube,
    )
    bright = float(rng.uniform(*strength.contrast))
    count = int(rng.choice([1, 1, 2]))
    chosen = rng.choice(len(makers), size=count, replace=False)
    return [part for which in chosen for part in makers[int(which)](anatomy, rng, bright)]


def _endotracheal_tube(anatomy: Anatomy, rng: np.random.Generator, bright: float) -> list[Part]:
    tip = anatomy.carina_y() - float(rng.uniform(0.03, 0.09))
    x = float(rng.normal(0, 0.004))
    top = -anatomy.frame.top_y - 0.02
    tube = Wire(((x, top), (x + 0.004, 0.5 * (top + tip)), (x, tip)), 0.0075, 0.26 * bright)
    return make_part(anatomy, [tube], site="trachea", kind="endotracheal tube")


def _central_line(anatomy: Anatomy, rng: np.random.Generator, bright: float) -> list[Part]:
    side = SIDES[int(rng.integers(2))]
    tip = float(rng.uniform(0.42, 0.56)) * anatomy.lung_height
    neck = (side * float(rng.uniform(0.05, 0.09)), -anatomy.frame.top_y * 0.7)
    arm = (side * 0.85 * anatomy.half_width, float(rng.uniform(0.05, 0.12)))
    start = neck if rng.random() < 0.5 else arm
    path = (start, (side * 0.035, 0.07), (-0.035, 0.22 * anatomy.lung_height), (-0.045, tip))
    line = Wire(path, 0.0055, 0.34 * bright)
    return make_part(anatomy, [line], side=SIDE_NAMES[side], kind="central venous catheter")


def _pacemaker(anatomy: Anatomy, rng: np.random.Generator, bright: float) -> list[Part]:
    side = LEFT if rng.random() < 0.75 else -LEFT
    x = side * float(rng.uniform(0.6, 0.78)) * anatomy.half_width
    y = float(rng.uniform(0.13, 0.2))
    heart_x, heart_y, wide, tall = anatomy.heart_axes()
    tip = (heart_x + 0.45 * wide, heart_y + 0.45 * tall)
    bends = ((side * 0.05, 0.1), (-0.04, 0.26 * anatomy.lung_height), (-0.04, heart_y))
    lead = Wire(((x, y), *bends, tip), 0.005, 0.38 * bright)
    can = Generator(x, y, float(rng.uniform(0.034, 0.044)), 0.5 * bright)
    return make_part(anatomy, [can, lead], side=SIDE_NAMES[side], kind="pacemaker")


def _feeding_tube(anatomy: Anatomy, rng: np.random.Generator, bright: float) -> list[Part]:
    top = -anatomy.frame.top_y - 0.02
    end = (float(rng.uniform(0.2, 0.4)) * anatomy.half_width, anatomy.dome(LEFT) + 0.12)
    path = ((0.0, top), (0.008, 0.3), (0.012, anatomy.lung_height - 0.02), end)
    return make_part(anatomy, [Wire(path, 0.0055, 0.34 * bright)], kind="nasogastric tube")


def _chest_tube(anatomy: Anatomy, rng: np.random.Generator, bright: float) -> list[Part]:
    side = SIDES[int(rng.integers(2))]
    low = float(rng.uniform(0.6, 0.8)) * anatomy.lung_height
    high = float(rng.uniform(0.12, 0.3)) * anatomy.lung_height
    wall = anatomy.half_width
    path = (
        (side * (wall + 0.03), low + 0.03),
        (side * 0.8 * wall, low - 0.05),
        (side * 0.62 * wall, 0.5 * (low + high)),
        (side * 0.5 * wall, high),
    )
    tube = Wire(path, 0.009, 0.28 * bright)
    return make_part(anatomy, [tube], side=SIDE_NAMES[side], site="pleura", kind="chest tube")
