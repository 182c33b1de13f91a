"""The files of the quality gate: loaded only if they are what they say."""

import json
from pathlib import Path
from shutil import copy

import numpy as np
import pytest

from core.errors import ModelFolderError
from reader.quality.weights import FOLDER, Thresholds, load, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("gate.json", "gate.safetensors"):
        copy(FOLDER / name, tmp_path / name)
    return tmp_path


def test_the_shipped_files_are_small_and_say_how_they_did(folder: Path) -> None:
    gate = load(folder)
    assert (folder / "gate.safetensors").stat().st_size < 500_000
    said = json.loads((folder / "gate.json").read_text())["figures"]["held_out"]
    assert said["phantoms"] >= 200
    assert said["phantoms_passed"] >= 0.99 * said["phantoms"]
    assert said["distorted_frontals"] > 1000
    assert said["distorted_frontals_passed"] >= 0.95 * said["distorted_frontals"]
    assert gate.thresholds.good <= 0.5


def test_altered_weights_are_fatal(folder: Path) -> None:
    data = bytearray((folder / "gate.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "gate.safetensors").write_bytes(data)
    with pytest.raises(ModelFolderError, match="is not the file that"):
        load(folder)


@pytest.mark.parametrize("name", ["gate.json", "gate.safetensors"])
def test_a_missing_file_is_fatal(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFolderError, match="cannot be used"):
        load(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thresholds", {"good": 0.4}),
        ("thresholds", {"good": 0.0, "mirrored": 0.99, "mirrored_remark": 0.9, "clear": 0.9}),
        ("thresholds", {"good": 0.4, "mirrored": 0.8, "mirrored_remark": 0.9, "clear": 0.9}),
        ("thresholds", {"good": 0.4, "mirrored": 0.99, "mirrored_remark": 0.9, "clear": 0.3}),
        ("format", 2),
    ],
)
def test_a_description_that_makes_no_sense_is_fatal(folder: Path, key: str, value: object) -> None:
    said = json.loads((folder / "gate.json").read_text())
    (folder / "gate.json").write_text(json.dumps(said | {key: value}))
    with pytest.raises(ModelFolderError):
        load(folder)


@pytest.mark.parametrize("change", ["renamed", "missing", "shape", "nan"])
def test_weights_of_another_shape_are_fatal(tmp_path: Path, change: str) -> None:
    gate = load()
    weights = {name: value.astype(np.float16) for name, value in gate.weights.items()}
    name = "conv1.weight"
    if change == "renamed":
        weights["conv1.kernel"] = weights.pop(name)
    elif change == "missing":
        del weights[name]
    elif change == "shape":
        weights[name] = weights[name][:-1]
    else:
        weights[name][0, 0, 0, 0] = np.nan
    save(tmp_path, "x", weights, gate.thresholds, {})
    with pytest.raises(ModelFolderError, match="other names, shapes or values"):
        load(tmp_path)


def test_the_same_weights_are_the_same_bytes(tmp_path: Path) -> None:
    gate = load()
    weights = {name: value.astype(np.float16) for name, value in gate.weights.items()}
    assert save(tmp_path, gate.version, weights, gate.thresholds, {}) == gate.sha256


def test_thresholds_must_make_sense() -> None:
    with pytest.raises(ValueError, match="make no sense"):
        Thresholds(good=1.0, mirrored=0.9, mirrored_remark=0.8, clear=0.9)
