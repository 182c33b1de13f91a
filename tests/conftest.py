"""Fixtures that every test may use."""

import os
import sys
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
    Folders that are packages share something costly and come first: pytest's processes take over
    each other's last tests, and each would open it for itself.
    """
    places: dict[Path, tuple[bool, int]] = {}
    for item in items:
        folder = item.path.parent
        alone = not (folder / "__init__.py").exists()
        places.setdefault(folder, (alone, len(places)))
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
def _settings_of_one_test() -> Iterator[None]:
    """Bring back the environment's settings, which a demonstration or a benchmark forgets."""
    before = {name: value for name, value in os.environ.items() if name.startswith("FIRSTREAD_")}
    yield
    os.environ.update(before)


@pytest.fixture(autouse=True)
def _logs_of_one_test() -> Iterator[None]:
    """Let logs go to standard error, as they do in the services, and to no earlier test's one."""
    structlog.configure(logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr))
    yield
    structlog.reset_defaults()
