"""A disk that fills up, for real: a small file system under the spool, associations, a deliverer.

Films are refused at the mark, before the disk is full; what is there is read and delivered in the
room behind the mark; and intake goes on by itself when room comes back. Where even that room is
gone results wait. The database lies on another disk, as operations.md asks for.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.uid import generate_uid
from sqlalchemy import select

from core.labels import Label
from core.settings import SpoolSettings
from core.states import DeliveryState, JobState
from db.engine import Database
from db.models import Instance
from db.spool import Spool
from gateway.listener import Listener
from gateway.statuses import StoreStatus
from tests.db.builders import read_next, reading
from tests.gateway.client import store
from tests.gateway.delivering_house import House
from tests.gateway.edge import make_settings, prepare_database
from tests.gateway.objects import film
from tests.gateway.outgoing import ResultPeer, running
from tests.small_disk import small_disk
from tests.waiting import wait_until

_MEGABYTE = 1 << 20
_DISK = 16
_RESERVE = 5 * _MEGABYTE
_SIDE = 1024
_FILM = 2 * _SIDE * _SIDE
_OUT_OF_RESOURCES = (int(StoreStatus.OUT_OF_RESOURCES), "the disk passed its mark")


class SmallHouse(House):
    """An installation whose spool lies on a small disk."""

    @property
    def instances(self) -> list[Instance]:
        """All instances, oldest first."""
        with self.db.read() as session:
            return list(session.scalars(select(Instance).order_by(Instance.id)))

    @property
    def free(self) -> int:
        """Bytes that are free."""
        return shutil.disk_usage(self.spool.folder).free


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallHouse]:
    """An installation on a small disk, with the one mark or the other."""
    with small_disk(tmp_path / "disk", _DISK) as disk:
        percent = 100.0 * (1 - _RESERVE / (_DISK * _MEGABYTE))
        marks = {
            "reserve": SpoolSettings(folder=disk, reserve_bytes=_RESERVE, maximum_used_percent=100),
            "percent": SpoolSettings(folder=disk, reserve_bytes=0, maximum_used_percent=percent),
        }
        settings = make_settings(tmp_path / "data").model_copy(
            update={"spool": marks[getattr(request, "param", "reserve")]}
        )
        prepare_database(settings)
        db = Database(settings.database_url)
        yield SmallHouse(settings, db, Spool.of(settings))
        db.close()


def send(port: int, study: str) -> tuple[int, str]:
    large = film(StudyInstanceUID=study, Rows=_SIDE, Columns=_SIDE, PixelData=bytes(_FILM))
    return store(port, large)


def fill(port: int) -> int:
    """Send films until one is refused; give how many were taken."""
    for number in range(_DISK):
        answer = send(port, generate_uid())
        if answer != (0, ""):
            assert answer == _OUT_OF_RESOURCES
            return number
    pytest.fail("nothing was refused")


def stuff(path: Path) -> None:
    """Take all the room that there is."""
    with path.open("wb", 0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def whole(house: SmallHouse) -> None:
    """Make sure that there is a whole file for each row, and nothing else."""
    rows = house.instances
    received = set((house.spool.folder / "kept").rglob("received-*"))
    assert received == {Path(row.path) for row in rows}
    assert all(path.stat().st_size > _FILM for path in received)
    assert list((house.spool.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize("house", ["reserve", "percent"], indirect=True)
def test_intake_stops_at_the_mark_and_goes_on_when_there_is_room(house: SmallHouse) -> None:
    with Listener(house.settings, house.db, house.spool, lambda: None, patience=1.0) as listener:
        taken = fill(listener.port)
        assert taken >= 2
        assert len(house.instances) == taken
        # The object that passes the mark may be the last one; none more is begun.
        assert _RESERVE - _FILM - _MEGABYTE < house.free < _RESERVE + _FILM
        assert send(listener.port, generate_uid()) == _OUT_OF_RESOURCES
        whole(house)
        assert len(house.instances) == taken
        # As if retention had made room; nobody starts anything anew.
        Path(house.instances[0].path).unlink()
        assert send(listener.port, generate_uid()) == (0, "")
        assert len(house.instances) == taken + 1


def test_what_is_there_is_read_and_delivered_beyond_the_mark(house: SmallHouse) -> None:
    with (
        ResultPeer() as pacs,
        Listener(house.settings, house.db, house.spool, lambda: None, patience=1.0) as listener,
    ):
        house.peer("pacs", pacs.port)
        taken = fill(listener.port)
        for _ in range(taken):
            read_next(house.db, reading(Label.PLEURAL_EFFUSION))
        with running(house.settings, house.db, house.spool):
            house.wait_for(3 * taken, DeliveryState.SENT)
        assert send(listener.port, generate_uid()) == _OUT_OF_RESOURCES
        assert len(set(pacs.tried)) == 3 * taken
        whole(house)


def test_results_wait_where_there_is_no_room_at_all(house: SmallHouse) -> None:
    with (
        ResultPeer() as pacs,
        Listener(house.settings, house.db, house.spool, lambda: None, patience=1.0) as listener,
    ):
        house.peer("pacs", pacs.port)
        assert send(listener.port, generate_uid()) == (0, "")
        read_next(house.db, reading(Label.PLEURAL_EFFUSION))
        stuffing = house.spool.folder / "stuffing"
        stuff(stuffing)
        with running(house.settings, house.db, house.spool):
            wait_until(lambda: house.publish_jobs()[0].error, what="the job to be put off")
            (job,) = house.publish_jobs()
            assert (job.error or "").startswith("the disk is full")
            assert job.state in {JobState.WAITING, JobState.CLAIMED}
            assert list((house.spool.folder / "incoming").iterdir()) == []
            stuffing.unlink()
            house.wait_for(3, DeliveryState.SENT)
        assert house.publish_jobs()[0].attempts == 1
