"""A real Orthanc that plays the PACS for the tests' session."""

from collections.abc import Iterator

import pytest

from evaluation.servers.orthanc import Orthanc
from tests.peers.programs import skipped_without_programs

__all__ = ["Orthanc", "orthanc"]


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """Give one Orthanc for all tests, which tell their objects apart by study UID."""
    with skipped_without_programs():
        server = Orthanc(tmp_path_factory.mktemp("orthanc"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _whole_orthanc(request: pytest.FixtureRequest) -> Iterator[None]:
    """Thaw and start the shared server after each test that used it."""
    yield
    if "orthanc" in request.fixturenames:
        server: Orthanc = request.getfixturevalue("orthanc")
        if server.running:
            server.resume()
        server.start()
