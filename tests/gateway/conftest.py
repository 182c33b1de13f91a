"""A listener for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.edge import Edge, open_edge


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """Give a running listener on SQLite that lets the tests' sender in."""
    with open_edge(tmp_path / "edge") as opened:
        yield opened
