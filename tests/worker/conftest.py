"""Fixtures of the worker's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.upgrade import upgrade
from tests.worker.house import House


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty SQLite database of this version, to be copied."""
    path = tmp_path_factory.mktemp("upgraded") / "firstread.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def house(tmp_path: Path, upgraded: Path) -> Iterator[House]:
    """Give an empty installation on SQLite and a folder of rings."""
    made = House(tmp_path, upgraded=upgraded)
    yield made
    made.close()
