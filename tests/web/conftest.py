"""A reading room on an empty SQLite database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.upgrade import upgrade
from tests.web.room import Room, open_room


@pytest.fixture(scope="session")
def migrated_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("room") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def room(migrated_room: Path, tmp_path: Path) -> Iterator[Room]:
    """A reading room in which nothing has happened yet."""
    path = tmp_path / "firstread.db"
    shutil.copy(migrated_room, path)
    opened = open_room(tmp_path, f"sqlite:///{path}")
    yield opened
    opened.db.close()


@pytest.fixture(scope="module")
def room_of_module(migrated_room: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A reading room that the tests of a module share, and which their results do not depend on."""
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "firstread.db"
    shutil.copy(migrated_room, path)
    opened = open_room(folder, f"sqlite:///{path}")
    yield opened
    opened.db.close()
