"""A real Redis server for the tests' session."""

from collections.abc import Iterator

import pytest

from evaluation.servers.redis import RedisServer
from tests.peers.programs import skipped_without_programs

__all__ = ["RedisServer", "redis_server"]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Give one Redis server for all tests; whole again after each test that froze or ended it."""
    with skipped_without_programs():
        server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _whole_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Thaw, start and empty the shared server after each test that used it."""
    yield
    if "redis_server" in request.fixturenames:
        server: RedisServer = request.getfixturevalue("redis_server")
        if server.running:
            server.resume()
        server.start()
        server.flush()
