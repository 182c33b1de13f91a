"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

pytest_plugins = (
    "tests.peers.orthanc",
    "tests.peers.postgres",
    "tests.peers.redis",
    "tests.peers.served",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one folder follow each other, in their random order.

    What a folder's tests share (an installation, a browser) is then open no longer than needed.
    """
    places: dict[Path, int] = {}
    for item in items:
        places.setdefault(item.path.parent, len(places))
    items.sort(key=lambda item: places[item.path.parent])


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real radiographs and odd files, with their MANIFEST.csv.

    `FIRSTREAD_REAL_DATA` names it; else it is looked for beside the checkout.
    """
    beside = Path(__file__).parents[2] / "shared" / "data" / "real"
    folder = Path(os.environ.get("FIRSTREAD_REAL_DATA", beside))
    if not (folder / "MANIFEST.csv").is_file():
        pytest.skip(f"no real films: {folder} has no MANIFEST.csv (set FIRSTREAD_REAL_DATA)")
    return folder


@pytest.fixture(autouse=True)
def _logs_of_one_test() -> Iterator[None]:
    """Let no test write on into the captured stream of one that set up the logs before it."""
    yield
    structlog.reset_defaults()
