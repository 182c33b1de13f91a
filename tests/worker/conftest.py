"""Fixtures of the worker's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give an empty installation on SQLite and a folder of rings."""
    made = House(tmp_path)
    yield made
    made.close()
