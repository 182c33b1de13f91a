"""A real PostgreSQL server for the tests' session."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from evaluation.servers.postgres import PostgresServer, postgres
from tests.peers.programs import skipped_without_programs

__all__ = ["PostgresServer", "postgres_server"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give one PostgreSQL server for all tests; it runs again after each test that ended it."""
    with ExitStack() as opened:
        with skipped_without_programs():
            server = opened.enter_context(postgres())
        yield server


@pytest.fixture(autouse=True)
def _whole_postgres(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start the shared server again after each test that used it."""
    yield
    if "postgres_server" in request.fixturenames:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.start()
