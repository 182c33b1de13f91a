"""Distorting films in batches, far beyond what a film reader would put up with.

Every picture gets its own turn, place, tone, blur, grain, shutters, marks and bends, drawn from
one torch generator, so that a run can be repeated exactly.
"""

# ruff: noqa: PLR2004 - a distortion is made of numbers; each stands where it is used

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from reader.quality.prepare import SIDE


@dataclass(frozen=True)
class Placed:
    """Pictures after the geometric part.

    Parameters
    ----------
    pictures
        float32 (n, 1, SIDE, SIDE).
    shares
        Of each lung, how much is still on the film, float32 (n, 2).
    turns
        Quarter turns counter-clockwise, int64 (n,).
    mirrored
        float32 (n,), 1 where left and right are exchanged.
    """

    pictures: Tensor
    shares: Tensor
    turns: Tensor
    mirrored: Tensor


def uniform(generator: torch.Generator, count: int, low: float, high: float) -> Tensor:
    """Draw `count` numbers between low and high, float32 (count,)."""
    return low + (high - low) * torch.rand(count, generator=generator)


def chance(generator: torch.Generator, count: int, share: float) -> Tensor:
    """Draw yes or no, bool (count,)."""
    return torch.rand(count, generator=generator) < share


def place(
    pictures: Tensor,
    masks: Tensor,
    generator: torch.Generator,
    *,
    turned: float,
    cropped: float,
    strength: float = 1.0,
) -> Placed:
    """Turn, mirror, tilt, scale, shift and bend, and shrink to what the classifier sees.

    Parameters
    ----------
    pictures
        float32 (n, 1, size, size).
    masks
        The lungs, float32 (n, 2, size, size); all zero for what is no frontal chest.
    generator
        Where the numbers come from.
    turned, cropped
        Shares that get a quarter turn or more, and that are cropped hard.
    strength
        1 for training; less bends and shifts less.
    """
    count = len(pictures)
    turns = torch.where(
        chance(generator, count, turned),
        torch.randint(1, 4, (count,), generator=generator),
        torch.zeros(count, dtype=torch.int64),
    )
    mirrored = chance(generator, count, 0.5).float()
    crop = chance(generator, count, cropped)
    even = uniform(generator, count, 1 - 0.16 * strength, 1 + 0.22 * strength)
    squeeze = 1 + strength * uniform(generator, count, -0.12, 0.12)
    # A hard crop takes any part: a half, a corner, a strip.
    wide = torch.where(crop, uniform(generator, count, 0.3, 1.0), even * squeeze)
    tall = torch.where(crop, uniform(generator, count, 0.3, 1.0), even)
    tilt = strength * uniform(generator, count, -0.16, 0.16)
    edge = torch.tensor(0.06 * strength)
    shift_x = torch.where(crop, (1.05 - wide).clamp(min=0), edge) * uniform(generator, count, -1, 1)
    shift_y = torch.where(crop, (1.05 - tall).clamp(min=0), edge) * uniform(generator, count, -1, 1)
    flip = 1 - 2 * mirrored
    zeros = torch.zeros(count)
    cosine, sine = torch.cos(tilt), torch.sin(tilt)
    inner = _matrix(
        (wide * cosine * flip, -tall * sine, shift_x), (wide * sine * flip, tall * cosine, shift_y)
    )
    quarter = turns.float() * (math.pi / 2)
    cosine, sine = torch.cos(quarter), torch.sin(quarter)
    outer = _matrix((cosine, -sine, zeros), (sine, cosine, zeros))
    theta = (inner @ outer)[:, :2]
    grid = functional.affine_grid(theta, [count, 1, SIDE, SIDE], align_corners=False)
    bend = strength * uniform(generator, count, 0, 0.07).view(-1, 1, 1, 1)
    waves = torch.randn(count, 2, 4, 4, generator=generator) * bend
    bends = functional.interpolate(waves, (SIDE, SIDE), mode="bicubic", align_corners=True)
    grid = grid + bends.permute(0, 2, 3, 1)
    layers = torch.cat([pictures, masks], dim=1)
    found = functional.grid_sample(
        layers, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    seen, left = found[:, :1], found[:, 1:]
    outside = (grid.abs() > 1).any(dim=-1).unsqueeze(1)
    blank = chance(generator, count, 0.5).view(-1, 1, 1, 1)
    level = torch.where(chance(generator, count, 0.8), zeros, uniform(generator, count, 0, 1)).view(
        -1, 1, 1, 1
    )
    seen = torch.where(outside & blank, level, seen)
    left = left * ~outside
    area = (wide * tall).view(-1, 1) * (pictures.shape[-1] / SIDE) ** 2
    shares = left.sum(dim=(2, 3)) * area / masks.sum(dim=(2, 3)).clamp(min=1)
    shut, kept = _shutters(generator, count)
    lost = (left * kept).sum(dim=(2, 3)) / left.sum(dim=(2, 3)).clamp(min=1e-3)
    seen = torch.where(kept > 0.5, seen, shut)
    return Placed(seen, shares * lost, turns, mirrored)


def _matrix(across: tuple[Tensor, ...], down: tuple[Tensor, ...]) -> Tensor:
    """Give affine matrices (n, 3, 3) from their first two rows, each of three (n,)."""
    one, zero = torch.ones_like(across[0]), torch.zeros_like(across[0])
    return torch.stack([*across, *down, zero, zero, one], dim=1).view(-1, 3, 3)


def _shutters(generator: torch.Generator, count: int) -> tuple[Tensor, Tensor]:
    """Give the grey of shutters (n, 1, 1, 1), and 1 where they are not (n, 1, SIDE, SIDE)."""
    line = torch.linspace(-1, 1, SIDE)
    y, x = torch.meshgrid(line, line, indexing="ij")
    angle = uniform(generator, count, -0.08, 0.08).view(-1, 1, 1)
    u, v = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
    kept = torch.ones(count, SIDE, SIDE, dtype=torch.bool)
    for along in (u, v, -u, -v):
        slight = chance(generator, count, 0.2)
        deep = chance(generator, count, 0.03)
        edge = torch.where(slight, uniform(generator, count, 0.75, 1.0), torch.full((count,), 9.0))
        edge = torch.where(deep, uniform(generator, count, -0.5, 0.6), edge)
        kept &= along < edge.view(-1, 1, 1)
    dark = chance(generator, count, 0.75)
    shut = torch.where(dark, torch.zeros(count), uniform(generator, count, 0, 1))
    return shut.view(-1, 1, 1, 1), kept.unsqueeze(1).float()


def expose(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Change tone, light, sharpness and grain, and burn marks in.

    Parameters
    ----------
    pictures
        float32 (n, 1, size, size) in [0, 1].
    generator
        Where the numbers come from.

    Returns
    -------
    Tensor
        float32 of the same shape; polarity is kept.
    """
    count, size = len(pictures), pictures.shape[-1]

    def each(low: float, high: float) -> Tensor:
        return uniform(generator, count, low, high).view(-1, 1, 1, 1)

    def some(share: float) -> Tensor:
        return chance(generator, count, share).view(-1, 1, 1, 1)

    light = torch.randn(count, 1, 3, 3, generator=generator) * each(0, 0.12)
    light = functional.interpolate(light, (size, size), mode="bicubic", align_corners=True)
    pictures = pictures + light * some(0.6)
    blurred = functional.avg_pool2d(
        functional.pad(pictures, (2, 2, 2, 2), mode="reflect"), 5, stride=1
    )
    # Above 1 sharpens the detail against its surroundings, as processing does; below 1 blurs it.
    detail = torch.where(some(0.5), each(0.2, 3.0), torch.ones(1))
    ground = torch.where(some(0.35), each(0.3, 1.0), torch.ones(1))
    middle = blurred.mean(dim=(2, 3), keepdim=True)
    pictures = middle + ground * (blurred - middle) + detail * (pictures - blurred)
    grain = torch.randn(count, 1, size, size, generator=generator)
    coarse = torch.randn(count, 1, size // 3, size // 3, generator=generator)
    coarse = functional.interpolate(coarse, (size, size), mode="bilinear", align_corners=True)
    noise = each(0, 0.12) * some(0.4) * grain + each(0, 0.08) * some(0.4) * coarse
    return _marks(pictures + noise, generator)


def _marks(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Burn in what looks like letters, mostly white and near an edge."""
    count, size = len(pictures), pictures.shape[-1]
    tall, wide = torch.randint(2, 5, (count,), generator=generator), 13
    for _ in range(2):
        dots = torch.rand(count, 5, wide, generator=generator) < 0.6
        lengths = torch.randint(2, wide, (count,), generator=generator)
        top, left = torch.randint(0, size - wide, (2, count), generator=generator)
        edge = chance(generator, count, 0.7)
        top = torch.where(edge, torch.where(top < size // 2, 0, size - 5), top)
        tone = chance(generator, count, 0.85).float()
        for which in torch.nonzero(chance(generator, count, 0.35)).flatten().tolist():
            high, long = int(tall[which]), int(lengths[which])
            row, column = int(top[which]), int(left[which])
            window = pictures[which, 0, row : row + high, column : column + long]
            window[dots[which, :high, :long]] = tone[which]
    return pictures
