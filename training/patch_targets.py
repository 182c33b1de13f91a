"""What the encoder's first stage is taught: which findings and regions cover each patch, and where.

Answers alone teach a small encoder nothing: it stays blind and the decoder learns the commonest
words. Maps of findings and the edges of their boxes give every patch something to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from training.architecture import GRID
from training.findings import LABELS

_PAIRED: Final = (
    "lung",
    "apical zone",
    "upper lung zone",
    "mid lung zone",
    "lower lung zone",
    "hilar structures",
    "costophrenic angle",
    "hemidiaphragm",
    "clavicle",
)
REGIONS: Final = (
    *(f"{side} {name}" for side in ("right", "left") for name in _PAIRED),
    "cardiac silhouette",
    "mediastinum",
    "upper mediastinum",
    "aortic arch",
    "trachea",
    "carina",
    "spine",
    "abdomen",
)
CLASSES: Final = LABELS + REGIONS
KINDS: Final = (
    "endotracheal tube",
    "central venous catheter",
    "pacemaker",
    "nasogastric tube",
    "chest tube",
    "clavicle",
    "rib",
    "mass",
    "nodule",
)
# Of the whole film: each label, each label on either side, each kind, and whether it is AP.
FILM_ANSWERS: Final = len(LABELS) * 3 + len(KINDS) + 1
# Most boxes that one film has: a region each, and the findings' parts.
_SLOTS: Final = len(REGIONS) + 12
# A patch counts as covered from this share of its own area, or of the box's.
_SHARE: Final = 0.3


@dataclass(frozen=True)
class Truths:
    """The truth of many films as arrays.

    Parameters
    ----------
    classes
        int64 (films, slots): index in `CLASSES` of each box, -1 where the slot is empty.
    boxes
        float32 (films, slots, 4): boxes on the film, larger before smaller.
    aspects
        float32 (films,): width over height.
    film
        float32 (films, FILM_ANSWERS): 0 or 1.
    """

    classes: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]
    aspects: npt.NDArray[np.float32]
    film: npt.NDArray[np.float32]


def collect(truths: list[dict[str, Any]]) -> Truths:
    """Turn the truths of films into arrays.

    Parameters
    ----------
    truths
        Values of `training.phantom.Phantom.truth`.
    """
    count = len(truths)
    classes = np.full((count, _SLOTS), -1, dtype=np.int64)
    boxes = np.zeros((count, _SLOTS, 4), dtype=np.float32)
    film = np.zeros((count, FILM_ANSWERS), dtype=np.float32)
    for row, truth in enumerate(truths):
        found = [(name, box) for name, box in truth["regions"].items() if name in REGIONS]
        for finding in truth["findings"]:
            found += [(finding["label"], box) for box in finding["boxes"]]
        found.sort(key=lambda item: -_area(item[1]))
        for slot, (name, box) in enumerate(found[:_SLOTS]):
            classes[row, slot], boxes[row, slot] = CLASSES.index(name), box
        film[row] = _film_answers(truth)
    aspects = np.array([truth["aspect"] for truth in truths], dtype=np.float32)
    return Truths(classes, boxes, aspects, film)


def _area(box: list[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _film_answers(truth: dict[str, Any]) -> npt.NDArray[np.float32]:
    answers = np.zeros(FILM_ANSWERS, dtype=np.float32)
    for finding in truth["findings"]:
        label = LABELS.index(finding["label"])
        answers[label] = 1
        for part in finding["parts"]:
            for offset, side in enumerate(("right", "left"), start=1):
                answers[offset * len(LABELS) + label] += part["side"] == side
            if part["kind"] in KINDS:
                answers[3 * len(LABELS) + KINDS.index(part["kind"])] = 1
    answers[-1] = truth["view"] == "AP"
    return np.minimum(answers, 1)


def on_tile(boxes: torch.Tensor, aspects: torch.Tensor) -> torch.Tensor:
    """Move boxes from the film to the tile that keeps the film's aspect.

    Parameters
    ----------
    boxes
        (films, slots, 4) on the film.
    aspects
        (films,) width over height.
    """
    shrink_x = aspects.clamp(max=1.0)[:, None]
    shrink_y = (1 / aspects).clamp(max=1.0)[:, None]
    shrink = torch.stack([shrink_x, shrink_y, shrink_x, shrink_y], dim=-1)
    return (boxes - 0.5) * shrink + 0.5


def patch_targets(classes: torch.Tensor, boxes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Paint boxes on the grid of patches.

    Parameters
    ----------
    classes
        int64 (films, slots), -1 for an empty slot.
    boxes
        float32 (films, slots, 4), larger before smaller: where two boxes of a class cover a
        patch, the smaller one is its truth.

    Returns
    -------
    cover : Tensor
        float32 (films, patches, classes), 0 or 1.
    edges : Tensor
        float32 (films, patches, classes, 4): the covering box, 0 where there is none.
    """
    films, slots = classes.shape
    start = torch.arange(GRID, dtype=torch.float32) / GRID
    left, top = start.repeat(GRID), start.repeat_interleave(GRID)
    # One class more than there are takes what the empty slots say.
    cover = torch.zeros(films, GRID * GRID, len(CLASSES) + 1)
    edges = torch.zeros(films, GRID * GRID, len(CLASSES) + 1, 4)
    rows = torch.arange(films)
    for slot in range(slots):
        box = boxes[:, slot, :, None]
        wide = torch.minimum(box[:, 2], left + 1 / GRID) - torch.maximum(box[:, 0], left)
        tall = torch.minimum(box[:, 3], top + 1 / GRID) - torch.maximum(box[:, 1], top)
        common = wide.clamp(min=0) * tall.clamp(min=0)
        area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
        smaller = torch.minimum(area, torch.full_like(area, 1 / GRID**2))
        hit = common > _SHARE * smaller
        which = classes[:, slot]
        cover[rows, :, which] = torch.maximum(cover[rows, :, which], hit.float())
        edges[rows, :, which] = torch.where(
            hit[..., None], box[:, None, :, 0], edges[rows, :, which]
        )
    return cover[:, :, :-1], edges[:, :, :-1]
