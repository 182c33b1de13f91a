"""First stage of the demonstration model: the encoder learns to see, patch by patch."""

from __future__ import annotations

import json
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import SiglipVisionModel

from training.architecture import vision_config
from training.checkpoints import load_checkpoint, save_checkpoint
from training.films import FilmStore
from training.findings import LABELS
from training.patch_targets import (
    CLASSES,
    FILM_ANSWERS,
    Truths,
    collect,
    on_tile,
    patch_targets,
)

_LOG = logging.getLogger(__name__)
_REPORT_EVERY: Final = 50
# Anatomy is easy and covers much; findings are what the stage is for.
_REGION_WEIGHT: Final = 0.25
# How often the tile of the film's own aspect is learnt from instead of the squeezed one.
_TILE_SHARE: Final = 0.2
_MATRIX: Final = 2
_HIT: Final = 0.5


class SeeingEncoder(nn.Module):
    """The vision encoder with linear heads on the very features that the projector will read."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = SiglipVisionModel(vision_config())
        # On a CPU the fused kernel's backward pass takes longer than plain products.
        self.encoder.set_attn_implementation("eager")
        width = self.encoder.config.hidden_size
        self.cover = nn.Linear(width, len(CLASSES))
        self.edges = nn.Linear(width, len(CLASSES) * 4)
        self.film = nn.Linear(width, FILM_ANSWERS)
        nn.init.constant_(self.cover.bias, -3.0)
        nn.init.constant_(self.edges.bias, 0.5)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give the features LLaVA takes: the last layer's, before any norm.

        Parameters
        ----------
        pixels
            float (films, 3, size, size), in [-1, 1].

        Returns
        -------
        Tensor
            (films, patches, width).
        """
        states: torch.Tensor = self.encoder(pixels, output_hidden_states=True).hidden_states[-1]
        return states

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Give logits of cover, edges of boxes and logits of the film's answers."""
        states = self.features(pixels)
        edges = self.edges(states).unflatten(-1, (len(CLASSES), 4))
        return self.cover(states), edges, self.film(states.mean(dim=1))


@dataclass(frozen=True)
class EncoderPlan:
    """How long and how fast the encoder learns.

    Parameters
    ----------
    steps
        Number of updates.
    batch
        Films in each.
    rate
        Highest learning rate.
    warmup
        Updates until it is reached.
    save_every
        Updates between checkpoints.
    """

    steps: int = 1400
    batch: int = 32
    rate: float = 1.2e-3
    warmup: int = 200
    save_every: int = 250


def pixels_of(tiles: torch.Tensor) -> torch.Tensor:
    """Turn uint8 tiles (n, size, size) into the processor's values, (n, 3, size, size)."""
    return (tiles.float() / 127.5 - 1).unsqueeze(1).expand(-1, 3, -1, -1)


def learning_rate(step: int, steps: int, warmup: int) -> float:
    """Give the share of the highest rate at a step: a linear rise, then half a cosine."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def encoder_loss(
    answers: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    cover: torch.Tensor,
    edges: torch.Tensor,
    film: torch.Tensor,
) -> tuple[torch.Tensor, dict[str, float]]:
    """Give the loss of a batch and its parts.

    Parameters
    ----------
    answers
        What `SeeingEncoder.forward` gave.
    cover, edges, film
        What `patch_targets` and `collect` say is true.
    """
    cover_logits, edge_values, film_logits = (value.float() for value in answers)
    weight = torch.full((len(CLASSES),), _REGION_WEIGHT)
    weight[: len(LABELS)] = 1.0
    share = cover.mean(dim=(0, 1)).clamp(1e-3, 0.5)
    raised = ((1 - share) / share).sqrt()
    per_patch = functional.binary_cross_entropy_with_logits(
        cover_logits, cover, reduction="none", pos_weight=raised
    )
    map_loss = (per_patch.mean(dim=(0, 1)) * weight).sum() / weight.sum()
    # Errors count in box sizes, so that a nodule's edges matter as much as a lung's.
    size = (edges[..., 2:] - edges[..., :2]).repeat(1, 1, 1, 2) + 0.06
    off = ((edge_values - edges).abs() / size).clamp(max=3).mean(dim=-1) * cover
    per_class = off.sum(dim=(0, 1)) / cover.sum(dim=(0, 1)).clamp(min=1)
    edge_loss = (per_class * weight).sum() / weight.sum()
    film_loss = functional.binary_cross_entropy_with_logits(film_logits, film)
    parts = {"map": map_loss.item(), "edge": edge_loss.item(), "film": film_loss.item()}
    return 2 * map_loss + edge_loss + film_loss, parts


def _optimizers(model: SeeingEncoder) -> list[torch.optim.Optimizer]:
    """Give Muon for the layers' matrices, AdamW for everything else."""
    matrices = [
        weight
        for name, weight in model.encoder.named_parameters()
        if ".layers." in f".{name}" and weight.ndim == _MATRIX
    ]
    known = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in known]
    return [
        torch.optim.Muon(matrices, lr=1.0, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=1.0, weight_decay=0.02, betas=(0.9, 0.98)),
    ]


def train_encoder(
    store: FilmStore, held: FilmStore, plan: EncoderPlan, work: Path
) -> SeeingEncoder:
    """Train the encoder, or go on where a killed run stopped.

    Parameters
    ----------
    store
        Films to learn from.
    held
        Films that it never learns from, for the figures in the log.
    plan
        How long and how fast.
    work
        Folder of the checkpoint.

    Returns
    -------
    SeeingEncoder
        The trained encoder with its heads, in evaluation mode.
    """
    torch.manual_seed(0)
    model = SeeingEncoder()
    optimizers = _optimizers(model)
    path = work / "encoder.pt"
    state = load_checkpoint(path)
    first = 0
    if state is not None:
        first = int(state["step"])
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
    truths = collect(store.truths)
    model.train()
    started = time.monotonic()
    for step in range(first, plan.steps):
        share = learning_rate(step, plan.steps, plan.warmup)
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = plan.rate * share
        parts = _update(model, optimizers, _batch(store, truths, step, plan.batch))
        if (step + 1) % _REPORT_EVERY == 0:
            words = " ".join(f"{name} {value:.4f}" for name, value in parts.items())
            _LOG.info("encoder %d: %s, %.0f s", step + 1, words, time.monotonic() - started)
        if (step + 1) % plan.save_every == 0 or step + 1 == plan.steps:
            saved_state = {
                "step": step + 1,
                "model": model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            }
            save_checkpoint(path, saved_state)
            _LOG.info("encoder %d: %s", step + 1, json.dumps(encoder_figures(model, held)))
    return model.eval()


@dataclass(frozen=True)
class _Batch:
    """One update's films and what is true of them."""

    pixels: torch.Tensor
    cover: torch.Tensor
    edges: torch.Tensor
    film: torch.Tensor


def _batch(store: FilmStore, truths: Truths, step: int, size: int) -> _Batch:
    """Draw a batch; it depends on the step alone, so a resumed run learns from the same films."""
    draw = np.random.default_rng([step, 17])
    rows = np.sort(draw.choice(len(store.truths), size=size, replace=False))
    kinds = (draw.random(size) < _TILE_SHARE).astype(np.int64)
    tiles = torch.from_numpy(store.tiles[rows, kinds].astype(np.float32))
    gain = torch.from_numpy(draw.uniform(0.85, 1.15, (size, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(draw.uniform(-16, 16, (size, 1, 1)).astype(np.float32))
    tiles = (tiles * gain + shift * (tiles > 0)).clamp(0, 255)
    boxes = torch.from_numpy(truths.boxes[rows])
    moved = on_tile(boxes, torch.from_numpy(truths.aspects[rows]))
    boxes = torch.where(torch.from_numpy(kinds == 1)[:, None, None], moved, boxes)
    cover, edges = patch_targets(torch.from_numpy(truths.classes[rows]), boxes)
    return _Batch(pixels_of(tiles), cover, edges, torch.from_numpy(truths.film[rows]))


def _update(
    model: SeeingEncoder, optimizers: list[torch.optim.Optimizer], batch: _Batch
) -> dict[str, float]:
    """Learn from one batch."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answers = model(batch.pixels)
    loss, parts = encoder_loss(answers, batch.cover, batch.edges, batch.film)
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        optimizer.step()
    return parts


@torch.no_grad()
def encoder_figures(model: SeeingEncoder, held: FilmStore) -> dict[str, float]:
    """Measure on held films: macro-F1 of labels, and mean IoU of findings' best patches.

    Parameters
    ----------
    model
        The encoder; left in training mode.
    held
        Films that it never learns from.
    """
    truths = collect(held.truths)
    model.eval()
    film_logits, overlaps = [], []
    for first in range(0, len(held.truths), 50):
        rows = slice(first, first + 50)
        tiles = torch.from_numpy(np.ascontiguousarray(held.tiles[rows, 0]))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            cover, edges, film = model(pixels_of(tiles))
        film_logits.append(film.float())
        wanted = torch.from_numpy(truths.classes[rows])
        boxes = torch.from_numpy(truths.boxes[rows])
        for row, slot in ((wanted >= 0) & (wanted < len(LABELS))).nonzero().tolist():
            label = int(wanted[row, slot])
            if (wanted[row] == label).sum() == 1:
                patch = int(cover[row, :, label].argmax())
                overlaps.append(_overlap(edges[row, patch, label].float(), boxes[row, slot]))
    said = torch.cat(film_logits)[:, : len(LABELS)] > 0
    true = torch.from_numpy(truths.film[:, : len(LABELS)]) > 0
    hits = (said & true).sum(dim=0).float()
    scores = 2 * hits / (said.sum(dim=0) + true.sum(dim=0)).clamp(min=1)
    model.train()
    figures = {"f1": scores.mean().item(), "iou": sum(overlaps) / len(overlaps)}
    figures["iou50"] = sum(overlap > _HIT for overlap in overlaps) / len(overlaps)
    figures |= {label: score.item() for label, score in zip(LABELS, scores, strict=True)}
    return {name: round(value, 3) for name, value in figures.items()}


def _overlap(said: torch.Tensor, true: torch.Tensor) -> float:
    """Give the intersection over union of two boxes (4,)."""
    common = (torch.minimum(said[2:], true[2:]) - torch.maximum(said[:2], true[:2])).clamp(min=0)
    both = (said[2:] - said[:2]).clamp(min=0).prod() + (true[2:] - true[:2]).prod()
    return float(common.prod() / (both - common.prod()))
