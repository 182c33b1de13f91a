"""The pieces that findings are made of, and how plainly they show."""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.anatomy import Anatomy
from training.geometry import Box
from training.shapes import Shape


@dataclass(frozen=True)
class Strength:
    """How plainly findings show, the heart of a difficulty.

    Parameters
    ----------
    contrast
        Range of the factor on each finding's density.
    size
        Factor on each finding's size.
    """

    contrast: tuple[float, float]
    size: float


@dataclass(frozen=True)
class Part:
    """One piece of a finding: what is painted, and what a reader would call it.

    Parameters
    ----------
    shapes
        What is painted; empty where the finding is a width in the anatomy.
    side
        ``"left"``, ``"right"`` or ``""`` for the midline.
    site
        Where in words, e.g. ``"lower lung zone"``; may be empty.
    kind
        What exactly, e.g. ``"endotracheal tube"``; may be empty.
    degree
        ``"small"``, ``"moderate"``, ``"large"`` or ``""``.
    box
        Where on the film, in [0, 1].
    """

    shapes: tuple[Shape, ...]
    side: str
    site: str
    kind: str
    degree: str
    box: Box


def box_around(anatomy: Anatomy, shapes: Sequence[Shape]) -> Box | None:
    """Give the box around shapes, None where they are off the film."""
    points = [point for shape in shapes for point in shape.outline(anatomy)]
    return anatomy.frame.box(points, max(shape.margin for shape in shapes))


def make_part(
    anatomy: Anatomy,
    shapes: Sequence[Shape],
    *,
    side: str = "",
    site: str = "",
    kind: str = "",
    degree: str = "",
) -> list[Part]:
    """Make one piece of a finding, or none where nothing of it is on the film.

    Parameters
    ----------
    anatomy
        The body.
    shapes
        What is painted.
    side, site, kind, degree
        As in `Part`.
    """
    box = box_around(anatomy, shapes)
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 0.015:
        return []
    return [Part(tuple(shapes), side, site, kind, degree, box)]
