"""Drawing findings for a phantom: kind, side, place and size, each with the truth about it."""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from training.anatomy import SIDE_NAMES, SIDES, Anatomy
from training.devices import draw_devices
from training.geometry import Box
from training.hardware import ClavicleBreak, RibBreak
from training.parts import Part, Strength, make_part
from training.shapes import Band, Blob, Fluid, FreeAir, Haze

LABELS: Final = (
    "atelectasis",
    "cardiomegaly",
    "consolidation",
    "edema",
    "enlarged cardiomediastinum",
    "fracture",
    "lung lesion",
    "pleural effusion",
    "pneumothorax",
    "support devices",
)

_ZONES: Final = {"upper": (0.16, 0.36), "mid": (0.40, 0.62), "lower": (0.66, 0.88)}
_TRIES: Final = 24


def draw(
    label: str,
    anatomy: Anatomy,
    rng: np.random.Generator,
    strength: Strength,
    taken: Sequence[Box],
) -> tuple[Part, ...]:
    """Draw a finding of one kind where the film still has room.

    Parameters
    ----------
    label
        One of `LABELS`.
    anatomy
        The body, with the widths that cardiomegaly and mediastinum already have.
    rng
        Source of every number.
    strength
        How plain it is to be.
    taken
        Boxes of findings that this one should not lie on.

    Returns
    -------
    tuple of Part
        One or more pieces, each with its box.

    Raises
    ------
    ValueError
        If no kind of finding has that name.
    """
    make = _MAKERS.get(label)
    if make is None:
        msg = f"no phantom finding is called {label!r}; known are {', '.join(LABELS)}"
        raise ValueError(msg)
    best: tuple[Part, ...] = ()
    least = float("inf")
    for _ in range(_TRIES):
        parts = tuple(make(anatomy, rng, strength))
        covered = max((_covered(part.box, other) for part in parts for other in taken), default=0.0)
        if parts and covered < least:
            best, least = parts, covered
        if least < 0.12:
            break
    if not best:
        msg = f"{label} found no place on the film in {_TRIES} tries"
        raise RuntimeError(msg)
    return best


def _covered(box: Box, other: Box) -> float:
    """Give the larger share of either box that the two have in common."""
    wide = min(box[2], other[2]) - max(box[0], other[0])
    tall = min(box[3], other[3]) - max(box[1], other[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    smaller = min((b[2] - b[0]) * (b[3] - b[1]) for b in (box, other))
    return wide * tall / max(smaller, 1e-9)


def _degree(share: float) -> str:
    if share < 0.34:
        return "small"
    return "moderate" if share < 0.67 else "large"


def _sides(rng: np.random.Generator, both: float) -> tuple[int, ...]:
    """Draw a side, or both with the given probability."""
    if rng.random() < both:
        return SIDES
    return (SIDES[int(rng.integers(2))],)


def _in_lung(
    anatomy: Anatomy, rng: np.random.Generator, radius: float, zones: Sequence[str]
) -> tuple[int, float, float, str]:
    """Draw a side, a place wholly inside that lung, and the name of its zone."""
    side = SIDES[int(rng.integers(2))]
    zone = zones[int(rng.integers(len(zones)))]
    low, high = _ZONES[zone]
    y = float(rng.uniform(low, high)) * anatomy.dome(side)
    rows = np.array([y - radius, y + radius], dtype=np.float32)
    outer = float(anatomy.lateral(rows, side).min()) - 0.8 * radius
    heart_x, heart_y, wide, tall = anatomy.heart_axes()
    inner = 0.30 * anatomy.half_width + 0.5 * radius
    inside = 1 - ((y - heart_y) / tall) ** 2
    if inside > 0:
        lean = heart_x + anatomy.heart_skew() * (y - heart_y)
        inner = max(inner, side * lean + wide * inside**0.5 + 0.55 * radius)
    t = float(rng.uniform(inner, outer)) if outer > inner else 0.5 * (inner + outer)
    return side, t, y, f"{zone} lung zone"


def _cardiomegaly(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    del rng, strength
    box = anatomy.frame.box(anatomy.heart_outline())
    degree = _degree((anatomy.heart_ratio - 0.56) / 0.14)
    return [] if box is None else [Part((), "", "cardiac silhouette", "", degree, box)]


def _mediastinum(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    del rng, strength
    y = np.linspace(0.06, 0.5, 12, dtype=np.float32) * anatomy.lung_height
    half = anatomy.mediastinum_half(y)
    points = [(s * float(w), float(v)) for w, v in zip(half, y, strict=True) for s in SIDES]
    box = anatomy.frame.box(points)
    return [] if box is None else [Part((), "", "mediastinum", "", "", box)]


def _effusion(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    parts: list[Part] = []
    for side in _sides(rng, 0.3):
        share = float(rng.beta(1.2, 1.8))
        height = (0.10 + 0.26 * share) * (0.5 + 0.5 * strength.size)
        shape = Fluid(
            side,
            height,
            rise=float(rng.uniform(0.04, 0.09)),
            density=float(rng.uniform(0.86, 0.98)),
        )
        name = SIDE_NAMES[side]
        parts += make_part(anatomy, [shape], side=name, site="pleura", degree=_degree(share))
    return parts


def _pneumothorax(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    side = SIDES[int(rng.integers(2))]
    share = float(rng.beta(1.2, 1.5))
    shape = FreeAir(
        side,
        depth=(0.032 + 0.06 * share) * strength.size,
        reach=float(rng.uniform(0.55, 1.0)),
        contrast=float(rng.uniform(*strength.contrast)),
    )
    name = SIDE_NAMES[side]
    return make_part(anatomy, [shape], side=name, site="apical zone", degree=_degree(share))


def _consolidation(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    radius = float(rng.uniform(0.06, 0.11)) * strength.size
    side, t, y, site = _in_lung(anatomy, rng, radius, tuple(_ZONES))
    shape = Blob(
        side * t,
        y,
        radius * float(rng.uniform(0.8, 1.1)),
        radius * float(rng.uniform(0.85, 1.25)),
        density=float(rng.uniform(*strength.contrast)) * 0.9,
        ragged=1.0,
        edge=0.32,
    )
    return make_part(anatomy, [shape], side=SIDE_NAMES[side], site=site)


def _lesion(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    parts: list[Part] = []
    for _ in range(int(rng.choice([1, 1, 1, 2]))):
        radius = float(rng.uniform(0.024, 0.052)) * strength.size
        side, t, y, site = _in_lung(anatomy, rng, radius, tuple(_ZONES))
        density = float(rng.uniform(*strength.contrast)) * 0.7
        shape = Blob(side * t, y, radius, radius, density, ragged=0.0, edge=0.2)
        kind = "mass" if radius > 0.042 else "nodule"
        parts += make_part(anatomy, [shape], side=SIDE_NAMES[side], site=site, kind=kind)
    if len(parts) > 1 and _covered(parts[0].box, parts[1].box) > 0:
        parts.pop()
    return parts


def _atelectasis(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    length = float(rng.uniform(0.12, 0.2))
    side, t, y, site = _in_lung(anatomy, rng, 0.3 * length, ("mid", "lower"))
    slope = float(rng.uniform(-0.35, 0.35))
    thickness = float(rng.uniform(0.009, 0.016)) * strength.size
    density = float(rng.uniform(*strength.contrast)) * 0.9
    bands = [Band(side * t, y, length, thickness, slope, density)]
    if rng.random() < 0.3:
        bands.append(Band(side * t, y - 0.045, 0.8 * length, 0.8 * thickness, slope, density))
    return make_part(anatomy, bands, side=SIDE_NAMES[side], site=site, kind="plate-like")


def _edema(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    parts: list[Part] = []
    share = float(rng.uniform(0, 1))
    for side in SIDES:
        hx, hy = anatomy.hilum(side)
        shape = Haze(
            side,
            hx + side * 0.25 * anatomy.half_width,
            hy + 0.03,
            radius_x=(0.42 + 0.16 * share) * anatomy.half_width,
            radius_y=0.20 + 0.08 * share,
            density=float(rng.uniform(*strength.contrast)) * (0.55 + 0.25 * share),
        )
        degree = "mild" if share < 0.5 else "moderate"
        parts += make_part(
            anatomy, [shape], side=SIDE_NAMES[side], site="hilar structures", degree=degree
        )
    return parts


def _fracture(anatomy: Anatomy, rng: np.random.Generator, strength: Strength) -> list[Part]:
    side = SIDES[int(rng.integers(2))]
    if rng.random() < 0.45:
        snapped = ClavicleBreak(
            side,
            t=float(rng.uniform(0.45, 0.8)) * anatomy.half_width,
            shift=float(rng.uniform(0.018, 0.034)) * strength.size,
        )
        return make_part(
            anatomy, [snapped], side=SIDE_NAMES[side], site="clavicle", kind="clavicle"
        )
    index = int(rng.integers(3, 8))
    broken = RibBreak(
        side,
        index,
        t=float(rng.uniform(0.55, 0.86)) * anatomy.half_width,
        shift=float(rng.choice([-1.0, 1.0])) * float(rng.uniform(0.012, 0.018)),
        swelling=float(rng.uniform(*strength.contrast)) * 0.45,
    )
    row = np.float32(broken.middle(anatomy)) * np.ones(1, "f4")
    wall = float(anatomy.lateral(row, side)[0])
    if broken.t > wall - 0.01 or broken.middle(anatomy) > anatomy.dome(side):
        return []
    return make_part(anatomy, [broken], side=SIDE_NAMES[side], site="rib", kind="rib")


_MAKERS: Final[dict[str, Callable[[Anatomy, np.random.Generator, Strength], list[Part]]]] = {
    "atelectasis": _atelectasis,
    "cardiomegaly": _cardiomegaly,
    "consolidation": _consolidation,
    "edema": _edema,
    "enlarged cardiomediastinum": _mediastinum,
    "fracture": _fracture,
    "lung lesion": _lesion,
    "pleural effusion": _effusion,
    "pneumothorax": _pneumothorax,
    "support devices": draw_devices,
}
