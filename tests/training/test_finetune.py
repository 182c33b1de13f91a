"""Covers fine-tuning: two learning rates, half a checkpoint, a run killed in its middle.

The killed one must end with the very weights of a run that was left in peace. Trains a small
random LLaVA-OneVision of the real class on the CPU; several GPUs are accelerate's affair and are
not covered.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import LlavaOnevisionForConditionalGeneration

from tests.reader.tiny_model import save_tiny_model
from tests.waiting import wait_until
from training.finetune import Recipe, finetune, last_complete, rate_groups

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(epochs=3, rate=1e-3, vision_rate=1e-4, batch=2, save_every=4)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model's folder and a dozen samples."""
    folder = tmp_path_factory.mktemp("site")
    save_tiny_model(folder / "model")
    (folder / "model" / "firstread.json").write_text('{"name": "tiny", "demo": true}')
    samples = []
    for number in range(12):
        Image.new("L", (28, 40), 20 * number).save(folder / f"{number}.png")
        talk = [
            {"from": "human", "value": "<image>\nWhich film?"},
            {"from": "gpt", "value": f"Film {number}."},
        ]
        samples.append({"id": str(number), "image": f"{number}.png", "conversations": talk})
    (folder / "data.json").write_text(json.dumps(samples), encoding="utf-8")
    return folder


def run(site: Path, out: Path) -> int:
    return finetune(site / "model", site / "data.json", site, out, RECIPE)


def test_the_vision_tower_learns_at_its_own_rate(site: Path) -> None:
    model = LlavaOnevisionForConditionalGeneration.from_pretrained(site / "model")
    groups = rate_groups(model, 1e-5, 2e-6)
    tower = {id(weight) for weight in model.model.vision_tower.parameters()}
    assert [group["lr"] for group in groups] == [2e-6, 1e-5]
    assert {id(weight) for weight in groups[0]["params"]} == tower
    assert sum(len(group["params"]) for group in groups) == len(list(model.parameters()))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Let sums be made in one order, here as in the child: the number of threads changes it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("one_thread")
def test_a_killed_run_ends_with_the_weights_of_an_undisturbed_one(
    site: Path, tmp_path: Path
) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "training.finetune",
        "--model",
        site / "model",
    ]
    command += ["--data", site / "data.json", "--images", site, "--out", killed]
    command += ["--epochs", "3", "--rate", "1e-3", "--vision-rate", "1e-4"]
    command += ["--batch", "2", "--save-every", "4"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        wait_until(lambda: last_complete(killed), 240, "the first checkpoint")
        os.kill(child.pid, signal.SIGKILL)
    assert not (killed / "model.safetensors").exists()
    assert run(site, killed) >= RECIPE.save_every
    assert run(site, whole) == 0
    one, other = (load_file(folder / "model.safetensors") for folder in (killed, whole))
    before = load_file(site / "model" / "model.safetensors")
    assert set(one) == set(other)
    assert all(torch.allclose(one[name], other[name], atol=1e-6) for name in one)
    changed = [name for name in one if not torch.equal(one[name], before[name])]
    assert any("vision_tower" in name for name in changed)
    assert any("language_model" in name for name in changed)
    declared = json.loads((killed / "firstread.json").read_text(encoding="utf-8"))
    assert declared == {"name": "tiny-tuned", "demo": True}
    assert (killed / "preprocessor_config.json").is_file()


def test_half_a_checkpoint_is_not_gone_on_from(tmp_path: Path) -> None:
    for step in (3, 6, 12):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert last_complete(tmp_path) is None
    for step in (3, 6):
        (tmp_path / f"checkpoint-{step}" / "complete").touch()
    assert last_complete(tmp_path) == tmp_path / "checkpoint-6"
