"""Fitting the classifier."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from reader.quality.network import HEADS
from training.quality.network import Classifier
from training.quality.samples import UNKNOWN, Mix, Store, draw_batch

if TYPE_CHECKING:
    from torch import Tensor

_LOG = logging.getLogger(__name__)
_PEAK: Final = 4e-3
_SMOOTHING: Final = 0.02


def fit(store: Store, steps: int, batch: int, seed: int) -> Classifier:
    """Train a classifier; the same numbers give the same weights on the same machine.

    Parameters
    ----------
    store
        Undistorted pictures.
    steps, batch
        Number of batches and pictures in each.
    seed
        Of the first weights and of every distortion.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = Classifier().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=_PEAK, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=_PEAK, total_steps=steps, pct_start=0.15
    )
    for step in range(steps):
        drawn = draw_batch(store, batch, generator, Mix())
        loss = loss_of(model(drawn.seen), drawn.truths)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            _LOG.info("step %d of %d: loss %.3f", step, steps, loss.item())
    return model.eval()


def loss_of(logits: Tensor, truths: dict[str, Tensor]) -> Tensor:
    """Add up the cross entropies of all questions, each over the pictures that it is known of."""
    total = torch.zeros(())
    parts: tuple[Tensor, ...] = torch.split(logits, list(HEADS.values()), 1)
    for name, part in zip(HEADS, parts, strict=True):
        truth = truths[name]
        if part.shape[1] == 1:
            known = truth != UNKNOWN
            aim = truth.float() * (1 - 2 * _SMOOTHING) + _SMOOTHING
            each = functional.binary_cross_entropy_with_logits(
                part.flatten(), aim, reduction="none"
            )
            total = total + (each * known).sum() / known.sum().clamp(min=1)
        else:
            total = total + functional.cross_entropy(
                part, truth, ignore_index=UNKNOWN, label_smoothing=_SMOOTHING
            )
    return total
