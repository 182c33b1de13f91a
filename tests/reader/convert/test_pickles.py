"""Tensors come out of a pickle; nothing that it asks for is run."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ModelFolderError
from reader.convert.pickles import read_tensors


class _Touch:
    """Makes a file where its pickle is read by a reader that runs what it is told."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


class _Settings:
    """An object such as training checkpoints hold beside their weights."""

    def __init__(self) -> None:
        self.learning_rate = 0.1


def test_tensors_are_read(tmp_path: Path) -> None:
    torch.save({"a": torch.arange(3.0)}, tmp_path / "x.bin")
    assert torch.equal(read_tensors(tmp_path / "x.bin")["a"], torch.arange(3.0))


def test_other_objects_beside_the_weights_are_passed_over(tmp_path: Path) -> None:
    held = torch.nn.Parameter(torch.ones(2, 2).half())
    torch.save(
        {"epoch": 3, "args": _Settings(), "state_dict": {"a": held}, "at": tmp_path},
        tmp_path / "x.pt",
    )
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "x.pt", weights_only=True)
    read = read_tensors(tmp_path / "x.pt", under="state_dict")["a"]
    assert torch.equal(read, torch.ones(2, 2).half())
    assert not read.requires_grad


def test_no_code_of_a_file_is_run(tmp_path: Path) -> None:
    trap = tmp_path / "run"
    torch.save({"state_dict": {"a": torch.ones(1)}, "x": _Touch(trap)}, tmp_path / "x.pt")
    read_tensors(tmp_path / "x.pt", under="state_dict")
    assert not trap.exists()
    torch.load(tmp_path / "x.pt", weights_only=False)
    assert trap.exists(), "the trap does not work, so this test shows nothing"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"nothing at all", b"\x80\x02}q\x00."])
@pytest.mark.parametrize("name", ["x.bin", "x.safetensors"])
def test_a_broken_file_is_refused(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ModelFolderError, match=r"x\.(bin|safetensors)"):
        read_tensors(tmp_path / name)


@pytest.mark.parametrize("held", [{}, {"a": 1}, {"a": _Settings()}, [torch.ones(1)], 7])
def test_only_named_tensors_are_taken(tmp_path: Path, held: object) -> None:
    torch.save(held, tmp_path / "x.bin")
    with pytest.raises(ModelFolderError, match="no tensor"):
        read_tensors(tmp_path / "x.bin")


def test_a_missing_entry_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "x.bin")
    with pytest.raises(ModelFolderError, match="no tensors under 'state_dict'"):
        read_tensors(tmp_path / "x.bin", under="state_dict")
