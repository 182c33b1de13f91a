"""Synthetic frontal chest films with a known truth.

A phantom is defined by numbers drawn from its seed, not by pixels, so it renders at any size and
always with the same truth. It is made for proving that the whole chain works and for training the
demonstration model; it stands for no patient and says nothing of how a model does on real films.
"""

# ruff: noqa: PLR2004 - a body is made of numbers; each stands where it is used

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np

from training import lateral
from training.anatomy import Anatomy, sample_anatomy
from training.canvas import lattice
from training.findings import LABELS, draw
from training.geometry import Array, Box
from training.painting import body_depth, paint_bones, paint_vessels, prepare
from training.parts import Part, Strength
from training.regions import region_boxes
from training.shapes import Shape

# The order in which findings are drawn: the large first, so that the small find what is left.
_ORDER: Final = (
    "cardiomegaly",
    "enlarged cardiomediastinum",
    "edema",
    "pleural effusion",
    "pneumothorax",
    "consolidation",
    "atelectasis",
    "lung lesion",
    "fracture",
    "support devices",
)
_COUNTS: Final = (0.30, 0.26, 0.22, 0.14, 0.08)


class View(StrEnum):
    """How the film was taken; the values are DICOM's View Positions."""

    PA = "PA"
    AP = "AP"
    LATERAL = "LL"


@dataclass(frozen=True)
class Difficulty:
    """How hard a phantom is to read.

    Parameters
    ----------
    strength
        How plain the findings are.
    heart, mediastinum
        Ranges of the cardiothoracic ratio and of the upper mediastinum's half width over the
        thorax' half width: (normal low, normal high, abnormal low, abnormal high).
    grain
        Range of the noise's standard deviation, in shares of the film's grey range.
    """

    strength: Strength
    heart: tuple[float, float, float, float]
    mediastinum: tuple[float, float, float, float]
    grain: tuple[float, float]


# "default" was fixed before the demonstration model was trained and never changes after it:
# the published figures are measured on it.
DIFFICULTIES: Final = {
    "default": Difficulty(
        strength=Strength(contrast=(0.65, 1.0), size=1.0),
        heart=(0.40, 0.49, 0.56, 0.68),
        mediastinum=(0.17, 0.22, 0.32, 0.44),
        grain=(0.008, 0.025),
    ),
    "hard": Difficulty(
        strength=Strength(contrast=(0.35, 0.75), size=0.75),
        heart=(0.40, 0.50, 0.53, 0.66),
        mediastinum=(0.17, 0.24, 0.28, 0.40),
        grain=(0.02, 0.05),
    ),
}


@dataclass(frozen=True)
class Finding:
    """The truth of one abnormality on a film.

    Parameters
    ----------
    label
        Name of the abnormality, one of `LABELS`.
    parts
        Its pieces, at least one, each with a box.
    """

    label: str
    parts: tuple[Part, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where it is on the film, from the left of the film to the right."""
        return tuple(sorted(part.box for part in self.parts))

    @property
    def side(self) -> str:
        """``left``, ``right``, ``bilateral``, or empty for the midline."""
        sides = {part.side for part in self.parts if part.side}
        return "bilateral" if len(sides) > 1 else next(iter(sides), "")


@dataclass(frozen=True)
class Phantom:
    """One synthetic film.

    Parameters
    ----------
    seed, index
        What every number was drawn from; the same pair gives the same film for ever.
    difficulty
        Name in `DIFFICULTIES`.
    view
        How it was taken.
    anatomy
        The body.
    findings
        What is wrong; empty for a normal film and for a lateral.
    """

    seed: int
    index: int
    difficulty: str
    view: View
    anatomy: Anatomy
    findings: tuple[Finding, ...]

    @property
    def aspect(self) -> float:
        """Width of the film over its height."""
        return self.anatomy.frame.aspect

    @cached_property
    def regions(self) -> dict[str, Box]:
        """Boxes of anatomical regions by name (Chest ImaGenome's); none for a lateral."""
        return {} if self.view is View.LATERAL else region_boxes(self.anatomy)

    def labels(self) -> tuple[str, ...]:
        """Give the names of the findings, in the order of `LABELS`."""
        present = {finding.label for finding in self.findings}
        return tuple(label for label in LABELS if label in present)

    def truth(self) -> dict[str, object]:
        """Give the truth as a value that JSON can hold; boxes are rounded to four decimals."""
        return {
            "seed": self.seed,
            "index": self.index,
            "difficulty": self.difficulty,
            "view": self.view.value,
            "aspect": round(self.aspect, 4),
            "labels": list(self.labels()),
            "findings": [
                {
                    "label": finding.label,
                    "side": finding.side,
                    "boxes": [_rounded(box) for box in finding.boxes],
                    "parts": [
                        {
                            "side": part.side,
                            "site": part.site,
                            "kind": part.kind,
                            "degree": part.degree,
                            "box": _rounded(part.box),
                        }
                        for part in finding.parts
                    ],
                }
                for finding in self.findings
            ],
            "regions": {name: _rounded(box) for name, box in self.regions.items()},
        }

    def without(self, label: str) -> Phantom:
        """Give the same film without one abnormality, for showing where it was."""
        level = DIFFICULTIES[self.difficulty]
        anatomy = self.anatomy
        if label == "cardiomegaly":
            anatomy = replace(anatomy, heart_ratio=sum(level.heart[:2]) / 2)
        if label == "enlarged cardiomediastinum":
            anatomy = replace(
                anatomy, mediastinum=anatomy.half_width * sum(level.mediastinum[:2]) / 2
            )
        kept = tuple(finding for finding in self.findings if finding.label != label)
        return replace(self, anatomy=anatomy, findings=kept)

    def render(self, width: int, height: int) -> Array:
        """Paint the film.

        Parameters
        ----------
        width, height
            Size in pixels. A ratio other than `aspect` gives a film squeezed to that size.

        Returns
        -------
        ndarray
            float32 (height, width), 0 for black (most exposed) to 1 for white, as a MONOCHROME2
            film is shown.

        Raises
        ------
        ValueError
            If the size has no area.
        """
        if width < 1 or height < 1:
            msg = f"a film of {width} x {height} pixels has no area"
            raise ValueError(msg)
        rng = np.random.default_rng([self.seed, self.index, 2])
        level = DIFFICULTIES[self.difficulty]
        if self.view is View.LATERAL:
            depth = lateral.attenuation(self.anatomy, rng, width, height)
        else:
            depth = self._attenuation(rng, width, height)
        return _expose(depth, rng, float(rng.uniform(*level.grain)))

    def _attenuation(self, rng: np.random.Generator, width: int, height: int) -> Array:
        shapes = [shape for finding in self.findings for shape in _shapes(finding)]
        strength = float(rng.uniform(0.09, 0.17))
        contrast = float(rng.uniform(0.50, 0.60))
        canvas = prepare(self.anatomy, rng, width, height)
        behind = [s for s in shapes if not s.in_front]
        for shape in behind:
            shape.paint(canvas)
        paint_vessels(canvas, rng)
        paint_bones(canvas, strength, shapes)
        for shape in shapes:
            if shape.in_front:
                shape.paint(canvas)
        depth = body_depth(canvas) - contrast * canvas.air + canvas.extra
        depth += 0.008 * canvas.texture
        return np.asarray(depth, dtype=np.float32)


def _shapes(finding: Finding) -> list[Shape]:
    return [shape for part in finding.parts for shape in part.shapes]


def _rounded(box: Box) -> list[float]:
    return [round(edge, 4) for edge in box]


def _expose(depth: Array, rng: np.random.Generator, grain: float) -> Array:
    """Turn attenuation into grey: the detector's noise, the exposure and the tone curve."""
    height, width = depth.shape
    low = float(rng.uniform(0.0, 0.10))
    high = float(rng.uniform(1.15, 1.4))
    gamma = float(rng.uniform(0.85, 1.2))
    # Grain of a fixed number of cells is the same at every size; on top of it comes the single
    # pixel's own noise, which averages out when a large film is scaled down.
    noise = grain * lattice(rng, 300, width, height)
    pixel = 0.5 * grain * rng.standard_normal((height, width), dtype=np.float32)
    grey = np.clip((depth - low) / (high - low), 0, 1) ** np.float32(gamma)
    return np.asarray(np.clip(grey + noise + pixel, 0, 1), dtype=np.float32)


def sample(
    seed: int,
    index: int,
    *,
    difficulty: str = "default",
    findings: tuple[str, ...] | None = None,
    view: View | None = None,
) -> Phantom:
    """Draw one film.

    Parameters
    ----------
    seed, index
        The film's number `index` of the series `seed`; both are non-negative.
    difficulty
        Name in `DIFFICULTIES`.
    findings
        Labels that the film has; None draws none in 30 % of films and else one to four.
    view
        How it was taken; None draws AP or PA, never a lateral.

    Returns
    -------
    Phantom
        The same for the same arguments, on every machine.

    Raises
    ------
    ValueError
        If the difficulty or a label is unknown, or a lateral is asked to have findings.
    """
    level = DIFFICULTIES.get(difficulty)
    if level is None:
        msg = f"difficulty {difficulty!r} is none of {', '.join(DIFFICULTIES)}"
        raise ValueError(msg)
    unknown = set(findings or ()) - set(LABELS)
    if unknown:
        msg = f"no phantom finding is called {sorted(unknown)}; known are {', '.join(LABELS)}"
        raise ValueError(msg)
    rng = np.random.default_rng([seed, index, 0])
    drawn_view = View.AP if rng.random() < 0.35 else View.PA
    count = int(rng.choice(len(_COUNTS), p=_COUNTS))
    drawn = {LABELS[int(i)] for i in rng.choice(len(LABELS), size=count, replace=False)}
    view = view or drawn_view
    if view is View.LATERAL:
        if findings:
            msg = f"a lateral phantom has no findings, but {list(findings)} were asked for"
            raise ValueError(msg)
        drawn = set()
    elif findings is not None:
        drawn = set(findings)
    heart = level.heart[2:] if "cardiomegaly" in drawn else level.heart[:2]
    wide = "enlarged cardiomediastinum" in drawn
    anatomy = sample_anatomy(
        np.random.default_rng([seed, index, 1]),
        heart_ratio=float(rng.uniform(*heart)),
        widening=float(rng.uniform(*(level.mediastinum[2:] if wide else level.mediastinum[:2]))),
        projection=view.value,
    )
    found: list[Finding] = []
    for label in (label for label in _ORDER if label in drawn):
        taken = [box for other in found for box in other.boxes if other.label != "edema"]
        found.append(Finding(label, draw(label, anatomy, rng, level.strength, taken)))
    return Phantom(seed, index, difficulty, view, anatomy, tuple(found))
