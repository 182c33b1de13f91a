"""Boxes of anatomical regions on a phantom, under the names of the Chest ImaGenome dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.anatomy import SIDE_NAMES, SIDES

if TYPE_CHECKING:
    from training.anatomy import Anatomy
    from training.geometry import Box, Point

# The lung's height, in shares of its dome's y, that each zone takes.
_ZONES = {
    "apical zone": (0.02, 0.14),
    "upper lung zone": (0.02, 0.38),
    "mid lung zone": (0.38, 0.66),
    "lower lung zone": (0.66, 1.0),
}


def region_boxes(anatomy: Anatomy) -> dict[str, Box]:
    """Give the boxes of all regions that are on the film.

    Returns
    -------
    dict
        Region name to box in [0, 1], in a fixed order.
    """
    regions: dict[str, list[Point]] = {}
    for side in SIDES:
        regions |= _one_side(anatomy, side)
    regions |= _midline(anatomy)
    boxes = {name: anatomy.frame.box(points) for name, points in regions.items()}
    return {name: box for name, box in boxes.items() if box is not None}


def _one_side(anatomy: Anatomy, side: int) -> dict[str, list[Point]]:
    name = SIDE_NAMES[side]
    half, angle = anatomy.half_width, anatomy.angle_y(side)
    hx, hy = anatomy.hilum(side)
    regions = {f"{name} lung": anatomy.lung_outline(side)}
    for zone, (low, high) in _ZONES.items():
        y = np.linspace(low, high, 12, dtype=np.float32) * anatomy.dome(side)
        wall = anatomy.lateral(y, side)
        regions[f"{name} {zone}"] = [
            (side * t, float(v))
            for outer, v in zip(wall, y, strict=True)
            for t in (anatomy.medial(), float(outer))
        ]
    regions[f"{name} hilar structures"] = _square(hx, hy, 0.06, 0.085)
    regions[f"{name} costophrenic angle"] = _square(side * 0.88 * half, angle - 0.035, 0.05, 0.045)
    t = np.linspace(anatomy.medial(), 0.97 * half, 20, dtype=np.float32)
    floor = anatomy.diaphragm(t, side)
    regions[f"{name} hemidiaphragm"] = [
        (side * float(a), float(b)) for a, b in zip(t, floor, strict=True)
    ]
    t = np.linspace(0.035, 1.1 * half, 20, dtype=np.float32)
    collar = anatomy.clavicle(t)
    regions[f"{name} clavicle"] = [
        (side * float(a), float(b) + pad)
        for a, b in zip(t, collar, strict=True)
        for pad in (-0.014, 0.014)
    ]
    return regions


def _midline(anatomy: Anatomy) -> dict[str, list[Point]]:
    lung, carina = anatomy.lung_height, anatomy.carina_y()
    knob_x, knob_y = anatomy.knob_centre()
    heart = anatomy.heart_outline()
    y = np.linspace(0.0, 0.5, 12, dtype=np.float32) * lung
    half = anatomy.mediastinum_half(y)
    upper = [(s * float(w), float(v)) for w, v in zip(half, y, strict=True) for s in SIDES]
    bottom = max(point[1] for point in heart)
    top = -anatomy.frame.top_y
    return {
        "cardiac silhouette": heart,
        "mediastinum": [*upper, *heart],
        "upper mediastinum": upper,
        "aortic arch": _square(knob_x, knob_y, anatomy.knob, anatomy.knob),
        "trachea": [(-0.02, top), (0.02, carina)],
        "carina": _square(0.0, carina + 0.01, 0.035, 0.03),
        "spine": [(-0.036, top), (0.036, bottom), (0.0, 1 - anatomy.frame.top_y)],
        "abdomen": [
            (-anatomy.half_width, lung),
            (anatomy.half_width, lung),
            (0.0, 1 - anatomy.frame.top_y),
        ],
    }


def _square(x: float, y: float, half_x: float, half_y: float) -> list[Point]:
    return [(x + a * half_x, y + b * half_y) for a in (-1, 1) for b in (-1, 1)]
