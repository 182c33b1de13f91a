"""Covers checkpoints: what was saved is loaded, half of one is never seen, code is never run."""

import pickle
from pathlib import Path

import pytest
import torch

from training.checkpoints import load_checkpoint, save_checkpoint


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.pt"
    assert load_checkpoint(path) is None
    save_checkpoint(path, {"step": 3, "model": {"a": torch.ones(2)}})
    state = load_checkpoint(path)
    assert state is not None
    assert state["step"] == 3
    assert torch.equal(state["model"]["a"], torch.ones(2))


def test_half_of_a_newer_one_leaves_the_older(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    save_checkpoint(path, {"step": 3})
    path.with_suffix(".partial").write_bytes(path.read_bytes()[:20])
    assert load_checkpoint(path) == {"step": 3}


def test_code_in_a_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    torch.save({"step": Path("x")}, path)
    with pytest.raises(pickle.UnpicklingError):
        load_checkpoint(path)
