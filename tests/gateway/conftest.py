"""A listener, and an archive, for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.edge import Edge, open_edge
from tests.gateway.outgoing import ResultPeer
from tests.gateway.tls_house import Papers


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Give the certificates of a hospital."""
    return Papers.make(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """Give a running listener on SQLite that lets the tests' sender in."""
    with open_edge(tmp_path / "edge") as opened:
        yield opened


@pytest.fixture
def pacs() -> Iterator[ResultPeer]:
    """Give an archive that takes results."""
    with ResultPeer() as peer:
        yield peer
