"""How the quality gate's classifier is made, on small numbers.

Covered: what is painted, what distortions do to pictures and to what is true of them, that the
network without torch is the one that was trained, that a run can be repeated. How good the shipped
classifier is, is tested with reader.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from reader.quality.network import HEADS, logits
from reader.quality.prepare import SIDE
from reader.quality.weights import load
from training.quality import distort
from training.quality.__main__ import main
from training.quality.chests import SIZE, frontal, side_view
from training.quality.fit import loss_of
from training.quality.network import Classifier
from training.quality.others import other
from training.quality.samples import FRONTAL, UNKNOWN, Mix, Store, draw_batch, make_store

_SEED = 74_003
_PLAIN = Mix(laterals=0, others=0, turned=0, cropped=0, inverted=0, strength=0.0)


@pytest.fixture(scope="module")
def store() -> Store:
    return make_store(_SEED, 12, 4, 16)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("index", range(6))
def test_pictures_are_grey_levels_and_repeat(index: int) -> None:
    film, lungs = frontal(_SEED, index)
    for picture in (film, side_view(_SEED, index), other(_SEED, index)):
        assert picture.shape == (SIZE, SIZE)
        assert picture.dtype == np.float32
        assert 0 <= picture.min() < picture.max() <= 1
    again, _ = frontal(_SEED, index)
    assert np.array_equal(film, again)
    assert not np.array_equal(film, frontal(_SEED, index + 1)[0])
    assert lungs.shape == (2, SIZE, SIZE)
    # The patient's right lung lies at the left of the film.
    right, left = (float(np.nonzero(mask)[1].mean()) for mask in lungs)
    assert right < left


def _placed(store: Store, **shares: float) -> distort.Placed:
    generator = torch.Generator().manual_seed(3)
    pictures = store.pictures[:12].unsqueeze(1).float() / 255
    settings = {"turned": 0.0, "cropped": 0.0, "strength": 0.0} | shares
    return distort.place(pictures, store.masks[:12].float(), generator, **settings)


def test_an_undistorted_film_stays_but_for_mirroring_and_shutters(store: Store) -> None:
    placed = _placed(store)
    assert placed.turns.tolist() == [0] * 12
    assert 0 < placed.mirrored.sum() < 12
    before = functional.avg_pool2d(store.pictures[:12].float() / 255, SIZE // SIDE)
    for index, picture in enumerate(placed.pictures[:, 0]):
        whole = placed.shares[index].min() > 0.999
        same = before[index].flip(1) if placed.mirrored[index] else before[index]
        away = (picture - same).abs()
        assert not whole or (away < 0.05).float().mean() > 0.7


def test_quarter_turns_are_counted_counter_clockwise(store: Store) -> None:
    placed = _placed(store, turned=1.0)
    assert set(placed.turns.tolist()) == {1, 2, 3}
    checked = 0
    for index, picture in enumerate(placed.pictures[:, 0].numpy()):
        little = functional.avg_pool2d(store.pictures[index][None].float() / 255, SIZE // SIDE)
        film = little[0].numpy()
        if placed.mirrored[index]:
            film = film[:, ::-1]
        turned = np.rot90(film, int(placed.turns[index]))
        apart = [float(np.abs(np.rot90(film, k) - picture).mean()) for k in range(4)]
        if np.abs(turned - picture).mean() < 0.05:
            checked += 1
            assert int(np.argmin(apart)) == int(placed.turns[index])
    assert checked > 4


def test_a_crop_loses_lung_and_is_called_cut(store: Store) -> None:
    placed = _placed(store, cropped=1.0)
    assert placed.shares.min() < 0.4
    assert placed.shares.max() < 1.1
    generator = torch.Generator().manual_seed(5)
    mix = Mix(laterals=0, others=0, turned=0, cropped=1.0, inverted=0)
    batch = draw_batch(store, 200, generator, mix)
    assert (batch.truths["cut"] == 1).sum() > 40
    whole = draw_batch(store, 200, generator, _PLAIN)
    assert (whole.truths["cut"] == 0).sum() > 120


def test_questions_without_meaning_have_no_answer(store: Store) -> None:
    batch = draw_batch(store, 300, torch.Generator().manual_seed(1), Mix())
    assert batch.seen.shape == (300, 2, SIDE, SIDE)
    assert torch.isfinite(batch.seen).all()
    truths = batch.truths
    assert set(truths) == set(HEADS)
    chests = truths["kind"] == FRONTAL
    assert 80 < chests.sum() < 200
    assert (truths["turn"][~chests] == UNKNOWN).all()
    assert (truths["turn"][chests] != UNKNOWN).all()
    assert (truths["mirrored"][~chests] == UNKNOWN).all()
    assert (truths["inverted"][truths["kind"] == 2] == UNKNOWN).all()
    assert 0 < (truths["inverted"] == 1).sum() < (truths["inverted"] == 0).sum()


def test_an_unknown_answer_costs_nothing() -> None:
    said = torch.zeros(2, sum(HEADS.values()))
    said[1] = 9.0
    known = {name: torch.tensor([0, UNKNOWN]) for name in HEADS}
    alone = {name: torch.tensor([0]) for name in HEADS}
    assert loss_of(said, known).item() == pytest.approx(loss_of(said[:1], alone).item())


def test_the_network_without_torch_is_the_one_that_was_trained() -> None:
    torch.manual_seed(2)
    model = Classifier()
    seen = torch.randn(40, 2, SIDE, SIDE)
    model(seen)  # gives the norms something to remember
    model.eval()
    weights = {name: value.astype(np.float32) for name, value in model.weights().items()}
    ours = np.concatenate(list(logits(weights, seen.numpy()).values()), axis=1)
    with torch.no_grad():
        theirs = model(seen).numpy()
    assert np.abs(ours - theirs).max() < 0.02


@pytest.mark.slow
def test_a_run_can_be_repeated_and_its_files_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = []
    for name in ("one", "two"):
        small = ["--frontals", "10", "--steps", "6", "--batch", "16", "--held-out", "250"]
        main(["--out", str(tmp_path / name), *small, "--version", "test"])
        digests.append(json.loads(capsys.readouterr().out.splitlines()[-1])["sha256"])
        gate = load(tmp_path / name)
        assert gate.sha256 == digests[-1]
        assert gate.version == "test"
    assert digests[0] == digests[1]
