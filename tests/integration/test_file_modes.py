"""What an installation writes is its account's alone, even where the umask lets everybody in.

Covered: every file and folder that the upgrade and a gateway that takes a film in make, as a
process that begins with umask 0; those of a delivery where they are made; looser folders of
before; what `doctor` says.
Not covered: a watched folder, whose mode is its owner's choice, and files that a user names.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from commands.private_places import private_places
from core.broker import celery_app
from core.errors import FirstReadError
from core.port_file import published_port
from core.ringer import Ringer
from db.engine import Database
from db.models import Instance
from db.spare_room import hold_spare_room
from db.spool import Spool
from db.upgrade import upgrade
from tests.gateway.edge import make_settings
from tests.gateway.objects import film_file
from tests.integration.services import Service
from tests.peers.dcmtk import storescu
from tests.waiting import wait_until

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture
def open_umask() -> "Iterator[None]":
    before = os.umask(0)
    yield
    os.umask(before)


def _open_ones(folder: Path) -> list[str]:
    found = []
    for path in [folder, *folder.rglob("*")]:
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _OTHERS and path.suffix != ".log":
                found.append(f"{path.relative_to(folder)} {mode:04o}")
    return found


@pytest.mark.usefixtures("open_umask")
def test_nothing_is_open_to_others(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "house")
    upgrade(settings.database_url)
    assert _open_ones(settings.data) == []
    with Service("gateway", settings) as gateway:
        outcome = storescu([film_file(tmp_path / "film")], gateway.port)
        assert outcome.statuses == [0]
        assert _open_ones(settings.data) == []
        made = {path.name for path in settings.data.rglob("*")}
    assert {"firstread.db", "firstread.db-wal", "gateway.port", "spool"} <= made
    assert any(name.startswith("received-") for name in made)
    assert "this account's alone" in private_places(settings)


@pytest.mark.usefixtures("open_umask")
def test_what_is_made_without_the_front_door_is_closed_too(tmp_path: Path) -> None:
    """The modes are given where the files are made, and do not hang on the umask."""
    settings = make_settings(tmp_path / "house")
    upgrade(settings.database_url)
    spool = Spool(settings.spool_folder, 0)
    temporary = spool.temporary()
    temporary.write_bytes(b"open")
    spool.keep(temporary, "received.dcm")
    spool.keep_bytes(b"x", "result.dcm")
    assert hold_spare_room(spool)
    ring = settings.data / "broker"
    with (
        published_port(settings.data, 1),
        Ringer(celery_app(settings)) as ringer,
        Database(settings.database_url).write() as session,
    ):
        session.scalars(select(Instance)).all()
        ringer.ring()
        wait_until(lambda: [*ring.glob("*.ring")], 20.0, "a ring")
        assert _open_ones(settings.data) == []


def test_looser_modes_of_before_are_told_and_tightened(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "house")
    upgrade(settings.database_url)
    Spool(settings.spool_folder, 0)
    loose = [settings.data, settings.spool_folder, settings.data / "firstread.db"]
    for path in loose:
        path.chmod(0o755)
    with pytest.raises(FirstReadError) as told:
        private_places(settings)
    assert all(str(path) in str(told.value) for path in loose)
    upgrade(settings.database_url)
    Spool(settings.spool_folder, 0)
    with published_port(settings.data, 1):
        assert _open_ones(settings.data) == []
