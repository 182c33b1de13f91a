"""Checkpoints that a kill at any moment leaves either old or new, never torn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a state under a name of its own, flush it, then give it its place.

    Parameters
    ----------
    path
        Where it is to be found.
    state
        Tensors, numbers, texts, and containers of them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as handle:
        torch.save(state, handle)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a state, None where none was saved. Code in a checkpoint is never run."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state
