"""Covers the demonstration model's stages: losses, and that a resumed run agrees with a whole one.

Runs the real architecture for a few steps on a few films; how far it gets is `training.json`'s.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from training.checkpoints import save_checkpoint
from training.demo_model import assemble, make_tokenizer
from training.encoder_stage import EncoderPlan, SeeingEncoder, learning_rate, train_encoder
from training.films import FilmStore, tiles_of, training_phantom
from training.language_stage import LanguagePlan, answer_loss, train_language
from training.tokenizer import NUMBERS


@pytest.fixture(scope="module")
def store() -> FilmStore:
    phantoms = [training_phantom(3, index) for index in range(6)]
    tiles = np.stack([tiles_of(phantom, 192) for phantom in phantoms])
    return FilmStore(tiles, [phantom.truth() for phantom in phantoms])


def test_a_resumed_encoder_is_that_of_a_whole_run(store: FilmStore, tmp_path: Path) -> None:
    plan = EncoderPlan(steps=2, batch=2, warmup=1, save_every=1)
    whole = train_encoder(store, store, plan, tmp_path / "whole").state_dict()
    part = tmp_path / "part"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.encoder_stage.encoder_figures", _killed)
        with pytest.raises(KeyboardInterrupt):
            train_encoder(store, store, plan, part)
    resumed = train_encoder(store, store, plan, part).state_dict()
    assert all(torch.allclose(whole[name], resumed[name], atol=1e-6) for name in whole)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_language_stage_learns_and_resumes(store: FilmStore, tmp_path: Path) -> None:
    torch.manual_seed(1)
    encoder = SeeingEncoder().eval()
    tokenizer = make_tokenizer(store)

    plan = LanguagePlan(steps=2, batch=1, warmup=1, save_every=1)

    def weights(work: Path) -> dict[str, torch.Tensor]:
        model = assemble(tokenizer, encoder)
        train_language(model, tokenizer, store, plan, work)
        return dict(model.state_dict())

    def save_and_die(path: Path, state: dict[str, Any]) -> None:
        save_checkpoint(path, state)
        raise KeyboardInterrupt

    whole = weights(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.language_stage.save_checkpoint", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            weights(tmp_path / "part")
    resumed = weights(tmp_path / "part")
    assert all(torch.allclose(whole[name], resumed[name], atol=1e-6) for name in whole)
    before = assemble(tokenizer, encoder).state_dict()
    tower = [name for name in whole if "vision_tower" in name]
    assert all(torch.equal(whole[name], before[name]) for name in tower)
    projector = [name for name in whole if "projector" in name]
    assert not any(torch.equal(whole[name], before[name]) for name in projector)


def test_a_neighbouring_coordinate_is_better_than_a_far_one() -> None:
    numbers = torch.arange(101)

    def loss(said: int) -> float:
        logits = torch.full((1, 120), -5.0)
        logits[0, said] = 5.0
        return float(answer_loss(logits, torch.tensor([50]), numbers))

    assert len(NUMBERS) == 101
    assert loss(50) < loss(51) < loss(52) < loss(70)
    word = torch.full((1, 120), -5.0)
    word[0, 110] = 5.0
    assert float(answer_loss(word, torch.tensor([110]), numbers)) < 0.01


def test_the_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, 100, 10) for step in range(100)]
    assert rates.index(max(rates)) in {9, 10}
    assert rates[0] == pytest.approx(0.1)
    assert rates[-1] < 0.03
