"""A tiny random model, made once."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from reader.film_reader import FilmReader
from reader.load import load_reader
from tests.reader.tiny_model import save_tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder; tests that alter it take a copy."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="session")
def tiny_reader(tiny_folder: Path) -> FilmReader:
    """The tiny model, loaded; its answers are cut after 24 tokens."""
    return load_reader(tiny_folder, device="cpu", maximum_new_tokens=24)


@pytest.fixture(scope="session")
def film() -> npt.NDArray[np.uint8]:
    """A picture of noise, higher than wide."""
    return np.random.default_rng(0).integers(0, 255, (60, 50), dtype=np.uint8)
