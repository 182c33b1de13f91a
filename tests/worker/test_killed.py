"""A worker process that is killed with -9 while its supervisor lives: its film waits for no lease.

Real processes on both databases, with a lease far longer than the test may take. A quick form, on
SQLite, is among the other ends of a worker in test_process.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.states import FilmState
from core.worker_settings import WorkerSettings
from evaluation.servers.postgres import PostgresServer
from tests.waiting import wait_until
from tests.worker.house import House
from tests.worker.processes import worker_process

_PATIENT = WorkerSettings(lease_seconds=36_000.0, progress_timeout_seconds=36_000.0)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, upgraded: Path) -> Iterator[House]:
    """An installation whose leases outlast every test."""
    if request.param == "sqlite":
        made = House(tmp_path, upgraded=upgraded, worker=_PATIENT)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        made = House(tmp_path, database=server.new_database(), worker=_PATIENT)
    yield made
    made.close()


@pytest.mark.slow
def test_the_film_of_a_killed_worker_is_read_by_its_successor(house: House) -> None:
    film = house.add_film()
    with worker_process(house.settings, "work for ever") as worker:
        wait_until(lambda: worker.acting, timeout=90.0, what="the reading")
        os.kill(worker.acting_pid, signal.SIGKILL)
        wait_until(
            lambda: house.film(film).state is FilmState.READ, timeout=90.0, what="the successor"
        )
    assert house.draft(film).attempts == 2
    assert len([row for row in house.readings(film) if row.document is not None]) == 1
