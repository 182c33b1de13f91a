"""A disk without a byte left heals itself: retention removes films in the spare room of the spool.

On a real small file system, with the database on another disk and on the same one. That a kill
between two steps of a removal leaves the film or its header is in tests/db/test_retention.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.settings import RetentionSettings, SpoolSettings
from core.states import JobState
from db.models import Instance, Job
from db.spare_room import SPARE_BYTES, hold_spare_room
from db.spool import Spool
from gateway.tidying import Tidier, removals
from imaging.header import read_header
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import read_film
from tests.small_disk import small_disk

_AT_ONCE = RetentionSettings(enabled=True, films_days=0, unreviewed_films_days=0)


@pytest.fixture(params=["spool", "all"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An installation with its spool, or with all that it has, on a small disk."""
    with small_disk(tmp_path / "disk", 16) as disk:
        data = tmp_path / "data" if request.param == "spool" else disk / "data"
        spool = SpoolSettings(folder=disk / "spool", reserve_bytes=0, maximum_used_percent=100)
        with delivering_house(data, spool=spool, retention=_AT_ONCE) as opened:
            yield opened


def finished_film(house: House) -> str:
    """Have a film that may go; give its patient's name."""
    film, _ = read_film(house.db, house.spool)
    with house.db.write() as session:
        session.execute(update(Job).values(state=JobState.DONE))
    return str(film.PatientName)


def fill(folder: Path) -> Path:
    """Take every byte that there is."""
    filling = folder / "filling"
    with filling.open("wb", 0) as file:
        for size in (1 << 16, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    assert shutil.disk_usage(folder).free == 0
    return filling


def only_film(house: House) -> Instance:
    with house.db.read() as session:
        return session.scalars(select(Instance)).one()


def remove(house: House) -> int:
    return sum(one.films for one in removals(house.settings, house.db, house.spool))


def spare(spool: Spool) -> Path:
    return spool.folder / "spare"


def test_films_go_though_no_byte_is_free(house: House) -> None:
    name = finished_film(house)
    assert hold_spare_room(house.spool)
    whole = Path(only_film(house).path)
    filling = fill(house.spool.folder)
    assert remove(house) == 1
    assert not whole.exists()
    film = only_film(house)
    assert film.removed_at is not None
    assert str(read_header(Path(film.path)).PatientName) == name
    assert not spare(house.spool).exists()
    filling.unlink()
    # Taken again at the end of the next pass.
    assert remove(house) == 0
    assert spare(house.spool).stat().st_size == SPARE_BYTES


def test_the_spare_room_is_taken_where_there_is_any(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        spool = Spool(disk / "spool", 0)
        spare(spool).write_bytes(b"torn by a kill")
        before = shutil.disk_usage(disk).free
        assert hold_spare_room(spool)
        assert hold_spare_room(spool)
        assert before - shutil.disk_usage(disk).free >= SPARE_BYTES - 4096
        spare(spool).unlink()
        fill(disk)
        assert not hold_spare_room(spool)
        assert not spare(spool).exists()


def test_it_is_taken_where_retention_is_off(tmp_path: Path) -> None:
    with delivering_house(tmp_path) as house:
        assert not house.settings.retention.enabled
        assert not Tidier(house.settings, house.db, house.spool).step()
        assert spare(house.spool).stat().st_size == SPARE_BYTES
