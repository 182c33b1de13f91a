"""One installation for all promises; each test leaves it whole."""

from collections.abc import Iterator

import pytest

from tests.peers.programs import skipped_without_programs
from tests.promises.place import Place, open_place


@pytest.fixture(scope="package")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with skipped_without_programs(), open_place(tmp_path_factory.mktemp("promises")) as place:
        yield place


@pytest.fixture
def place(_place: Place) -> Iterator[Place]:
    """Give the installation, with everything running; whatever a test broke is mended after it."""
    yield _place
    _place.around.restore()
