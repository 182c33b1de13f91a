"""Batches of distorted pictures with what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from reader.quality.prepare import channels
from training.quality import distort
from training.quality.chests import SIZE, frontal, side_view
from training.quality.others import other

if TYPE_CHECKING:
    from torch import Tensor

FRONTAL: Final = 0
LATERAL: Final = 1
OTHER: Final = 2
UNKNOWN: Final = -1
"""Answer to a question that has none for a picture: it is left out of the loss."""

_WHOLE: Final = 0.85
_CUT_SIDE: Final = 0.5
_CUT_BOTH: Final = 0.68
_UNRECOGNISABLE: Final = 0.35


@dataclass(frozen=True)
class Store:
    """Undistorted pictures.

    Parameters
    ----------
    pictures
        uint8 (n, SIZE, SIZE).
    masks
        The lungs of the frontals, bool (frontals, 2, SIZE, SIZE).
    kinds
        int64 (n,): the frontals first, then laterals, then the others.
    """

    pictures: Tensor
    masks: Tensor
    kinds: Tensor


def make_store(seed: int, frontals: int, laterals: int, others: int) -> Store:
    """Paint the pictures of a series, a little blurred."""
    chests = [frontal(seed, index) for index in range(frontals)]
    pictures = [picture for picture, _ in chests]
    pictures += [side_view(seed, index) for index in range(laterals)]
    pictures += [other(seed, index) for index in range(others)]
    kinds = [FRONTAL] * frontals + [LATERAL] * laterals + [OTHER] * others
    stack = torch.from_numpy(np.stack(pictures))
    # Every second pixel is all that is seen in the end, so that finer detail is blurred here.
    blurred = functional.avg_pool2d(functional.pad(stack, (0, 1, 0, 1), "replicate"), 2, stride=1)
    return Store(
        (blurred * 255).round().to(torch.uint8),
        torch.from_numpy(np.stack([mask > 0 for _, mask in chests])),
        torch.tensor(kinds),
    )


@dataclass(frozen=True)
class Batch:
    """Distorted pictures and their truths; a truth of -1 is not known or has no meaning.

    Parameters
    ----------
    seen
        What the classifier sees, float32 (n, 2, SIDE, SIDE).
    truths
        For each head of the network int64 (n,).
    """

    seen: Tensor
    truths: dict[str, Tensor]


@dataclass(frozen=True)
class Mix:
    """How much of each defect a batch has, as shares of its pictures."""

    laterals: float = 0.14
    others: float = 0.36
    turned: float = 0.4
    cropped: float = 0.22
    inverted: float = 0.15
    strength: float = 1.0


def draw_batch(store: Store, size: int, generator: torch.Generator, mix: Mix) -> Batch:
    """Draw and distort pictures.

    Parameters
    ----------
    store
        Where they come from.
    size
        How many.
    generator
        Where the numbers come from.
    mix
        How much of what.
    """
    kinds = torch.multinomial(
        torch.tensor([1.0 - mix.laterals - mix.others, mix.laterals, mix.others]),
        size,
        replacement=True,
        generator=generator,
    )
    which = torch.zeros(size, dtype=torch.int64)
    for kind in (FRONTAL, LATERAL, OTHER):
        rows = torch.nonzero(store.kinds == kind).flatten()
        picked = torch.randint(len(rows), (size,), generator=generator)
        which = torch.where(kinds == kind, rows[picked], which)
    pictures = store.pictures[which].unsqueeze(1).float() / 255
    masks = torch.zeros(size, 2, SIZE, SIZE)
    chests = kinds == FRONTAL
    masks[chests] = store.masks[which[chests]].float()
    placed = distort.place(
        pictures,
        masks,
        generator,
        turned=mix.turned,
        cropped=mix.cropped,
        strength=mix.strength,
    )
    shown = distort.expose(placed.pictures, generator)
    inverted = distort.chance(generator, size, mix.inverted)
    shown = torch.where(inverted.view(-1, 1, 1, 1), -shown, shown)
    return Batch(
        torch.from_numpy(channels(shown.squeeze(1).numpy())),
        _truths(kinds, placed, inverted.long()),
    )


def _truths(kinds: Tensor, placed: distort.Placed, inverted: Tensor) -> dict[str, Tensor]:
    unknown = torch.full_like(kinds, UNKNOWN)
    least, both = placed.shares.min(dim=1).values, placed.shares.mean(dim=1)
    chest = (kinds == FRONTAL) & (both > _UNRECOGNISABLE)
    cut = torch.where(least > _WHOLE, torch.zeros_like(kinds), unknown)
    cut = torch.where((least < _CUT_SIDE) | (both < _CUT_BOTH), torch.ones_like(kinds), cut)
    whole = chest & (least > _CUT_SIDE)
    return {
        "kind": torch.where((kinds == FRONTAL) & ~chest, unknown, kinds),
        "turn": torch.where(chest, placed.turns, unknown),
        "inverted": torch.where(chest | (kinds == LATERAL), inverted, unknown),
        "cut": torch.where(chest, cut, unknown),
        "mirrored": torch.where(whole, placed.mirrored.long(), unknown),
    }
