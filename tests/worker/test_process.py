"""A whole worker as real processes: kill -9, hangs, crashes, orderly ends, lost rings.

The model is replaced by one that does something odd once (`tests.worker.odd_child`); broker,
database, pixels, processes and signals are real. The real model is in test_demo_model.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.broker import QUEUE
from core.states import FilmState, JobState, StudyState
from core.triage import Tier
from core.worker_settings import WorkerSettings
from tests.waiting import wait_until
from tests.worker.house import House
from tests.worker.processes import alive, worker_process

# On a busy machine a process may get no time for seconds, and must not be taken for dead then:
# where a timeout is not what is tested it is long, and attempts are plenty where it is.
_LEASE = WorkerSettings(lease_seconds=4.0, progress_timeout_seconds=600.0, maximum_attempts=9)
_TIMEOUT = WorkerSettings(lease_seconds=2.0, progress_timeout_seconds=6.0, maximum_attempts=99)
_PATIENT = WorkerSettings(lease_seconds=600.0, progress_timeout_seconds=600.0)


OpenHouse = Callable[[WorkerSettings], House]


@pytest.fixture
def opened(tmp_path: Path, upgraded: Path) -> Iterator[OpenHouse]:
    """Give a function that opens an installation whose worker is so patient."""
    houses: list[House] = []

    def open_house(worker: WorkerSettings) -> House:
        houses.append(House(tmp_path, upgraded=upgraded, worker=worker))
        return houses[0]

    yield open_house
    for house in houses:
        house.close()


_SLOW = 90.0
"""Seconds for a process to start on a machine that has much else to do."""


def _read(house: House, film: int) -> bool:
    return house.film(film).state is FilmState.READ


def _assert_read_once(house: House, film: int) -> None:
    whole = [row for row in house.readings(film) if row.document is not None]
    assert len(whole) == 1
    assert [row.id for row in house.readings(film) if row.current] == [whole[0].id]
    assert house.draft(film).state is JobState.DONE


@pytest.mark.slow
def test_a_worker_killed_in_mid_reading_loses_no_film_and_reads_none_twice(
    opened: OpenHouse,
) -> None:
    # Nor does it wait for the lease, which outlasts the test.
    house = opened(_PATIENT)
    film = house.add_film()
    with worker_process(house.settings, "work for ever") as worker:
        wait_until(lambda: worker.acting, timeout=_SLOW, what="the reading")
        # What was committed before stands meanwhile.
        assert house.film(film).state is FilmState.READING
        assert house.study_of(film).tier is Tier.URGENT
        os.kill(worker.acting_pid, signal.SIGKILL)
        wait_until(lambda: _read(house, film), timeout=_SLOW, what="the second attempt")
    _assert_read_once(house, film)
    assert house.draft(film).attempts == 2


@pytest.mark.slow
@pytest.mark.parametrize("act", ["hang", "hang with python held"])
def test_a_worker_that_hangs_is_replaced_by_the_watchdog(opened: OpenHouse, act: str) -> None:
    house = opened(_TIMEOUT)
    film = house.add_film()
    with worker_process(house.settings, act) as worker:
        wait_until(lambda: worker.acting, timeout=_SLOW, what="the hang")
        wait_until(lambda: not alive(worker.acting_pid), what="the watchdog")
        wait_until(lambda: _read(house, film), timeout=_SLOW, what="the second attempt")
    _assert_read_once(house, film)


@pytest.mark.slow
def test_a_worker_that_only_works_long_is_left_alone(opened: OpenHouse) -> None:
    house = opened(_TIMEOUT)
    film = house.add_film()
    with worker_process(house.settings, "work for ever") as worker:
        wait_until(lambda: worker.acting, timeout=_SLOW, what="the reading")
        begun = house.draft(film).progress_at
        assert begun is not None

        def beyond_lease_and_timeout() -> bool:
            beaten = house.draft(film).progress_at
            assert beaten is not None
            return (beaten - begun).total_seconds() > 8.0

        wait_until(beyond_lease_and_timeout, what="more than both")
        assert alive(worker.acting_pid)
        assert house.draft(film).attempts == 1


@pytest.mark.slow
def test_a_film_that_kills_its_worker_fails_at_last_and_the_next_one_is_read(
    opened: OpenHouse,
) -> None:
    house = opened(_LEASE.model_copy(update={"maximum_attempts": 1}))
    deadly, next_one = house.add_film(), house.add_film()
    with worker_process(house.settings, "die"):
        wait_until(lambda: _read(house, next_one), timeout=_SLOW, what="the next film")
        wait_until(
            lambda: house.film(deadly).state is FilmState.FAILED, timeout=_SLOW, what="the failure"
        )
    assert "stopped answering" in (house.film(deadly).reason or "")
    assert house.study_of(deadly).state is StudyState.FAILED


@pytest.mark.slow
def test_no_process_is_left_when_the_parent_is_killed_and_another_worker_takes_over(
    opened: OpenHouse,
) -> None:
    house = opened(_LEASE)
    film = house.add_film()
    with worker_process(house.settings, "work for ever") as worker:
        wait_until(lambda: worker.acting, timeout=_SLOW, what="the reading")
        worker.process.kill()
        wait_until(lambda: not alive(worker.acting_pid), what="the orphan's end")
    with worker_process(house.settings):
        wait_until(lambda: _read(house, film), timeout=_SLOW, what="the other worker")
    _assert_read_once(house, film)


def test_an_orderly_end_gives_the_film_back_at_once(opened: OpenHouse) -> None:
    house = opened(_PATIENT)
    film = house.add_film()
    with worker_process(house.settings, "work for ever") as worker:
        wait_until(lambda: worker.acting, timeout=_SLOW, what="the reading")
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(timeout=20.0) == 0
        assert not alive(worker.acting_pid)
    assert house.film(film).state is FilmState.QUEUED
    assert (house.draft(film).state, house.draft(film).attempts) == (JobState.WAITING, 0)


def test_a_torn_ring_stops_no_worker(opened: OpenHouse) -> None:
    house = opened(_PATIENT)
    ring = house.folder / "broker" / f"{QUEUE}.ring"
    ring.parent.mkdir()
    ring.write_bytes(b'{"body": "W1tdLCB7fSwge')
    film = house.add_film()
    with worker_process(house.settings) as worker:
        wait_until(lambda: _read(house, film), timeout=_SLOW, what="the film")
        ring.write_bytes(b"")
        wait_until(lambda: not ring.exists(), what="the torn ring's end")
        another = house.add_film()
        wait_until(lambda: _read(house, another), what="another film")
        assert worker.process.poll() is None
