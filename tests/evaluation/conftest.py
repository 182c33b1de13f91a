"""A tiny random model, made once."""

from pathlib import Path

import pytest

from tests.reader.tiny_model import save_tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny")
