"""The heartbeat against a real database: leases live while there is progress, and only then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LostLeaseError
from core.states import JobKind, JobState
from core.worker_settings import WorkerSettings
from db import jobs
from db.leases import release_lost
from db.workers import SignOfLife
from tests.waiting import wait_until
from tests.worker.house import House
from worker.heartbeat import Heartbeat, StopAskedError
from worker.pulse import Pulse

_SIGN = SignOfLife("w1", 7, "2.25.1", "cpu")


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with Pulse() as made:
        made.begin()
        yield made


def _heartbeat(house: House, pulse: Pulse, settings: WorkerSettings | None = None) -> Heartbeat:
    return Heartbeat(house.db, pulse, _SIGN, settings or WorkerSettings())


def _claim(house: House, lease_seconds: float = 30.0) -> jobs.Claim:
    claim = jobs.claim(house.db, (JobKind.DRAFT,), worker="w1", lease_seconds=lease_seconds)
    assert claim is not None
    return claim


def test_an_idle_worker_shows_its_row(house: House, pulse: Pulse) -> None:
    with _heartbeat(house, pulse):
        wait_until(house.workers, what="the row")
    [row] = house.workers()
    assert (row.name, row.pid, row.model_uid, row.device) == ("w1", 7, "2.25.1", "cpu")
    assert (row.job_id, row.progress) == (None, "idle")


def test_the_row_and_the_job_show_the_last_progress(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    heartbeat = _heartbeat(house, pulse)
    claim = _claim(house)
    with heartbeat.holding(claim):
        heartbeat.progress("report")
        heartbeat.beat()
        [row] = house.workers()
        assert (row.job_id, row.progress) == (claim.job_id, "report")
        assert house.draft(film).progress == "report"
    heartbeat.beat()
    [row] = house.workers()
    assert (row.job_id, row.progress) == (None, "idle")


def test_a_lease_outlives_its_length_while_there_is_progress(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    with _heartbeat(house, pulse, WorkerSettings(lease_seconds=0.8)) as heartbeat:
        claim = _claim(house, 0.8)
        with heartbeat.holding(claim):
            first = house.draft(film).lease_until
            assert first is not None

            def lengthened_often() -> bool:
                heartbeat.progress("report")
                assert release_lost(house.db) == 0
                until = house.draft(film).lease_until
                assert until is not None
                return (until - first).total_seconds() > 1.6

            wait_until(lengthened_often, what="twice the lease")
    assert house.draft(film).state is JobState.CLAIMED


def test_a_lease_runs_out_once_progress_stops(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    settings = WorkerSettings(lease_seconds=0.4, progress_timeout_seconds=0.2)
    with _heartbeat(house, pulse, settings) as heartbeat, heartbeat.holding(_claim(house, 0.4)):
        wait_until(lambda: release_lost(house.db) == 1, what="the lease's end")
    assert house.draft(film).state is JobState.WAITING


def test_progress_tells_of_a_lost_lease(house: House, pulse: Pulse) -> None:
    house.add_film()
    heartbeat = _heartbeat(house, pulse)
    with heartbeat.holding(_claim(house, 0.01)):
        wait_until(lambda: release_lost(house.db) == 1, what="the lease's end")
        heartbeat.progress("report")
        heartbeat.beat()
        with pytest.raises(LostLeaseError):
            heartbeat.progress("report")
    second = _claim(house)
    with heartbeat.holding(second):
        heartbeat.beat()
        heartbeat.progress("report")


def test_a_film_is_kept_while_a_question_is_answered_in_between(house: House, pulse: Pulse) -> None:
    films = [house.add_film(), house.add_film()]
    heartbeat = _heartbeat(house, pulse)
    outer, inner = _claim(house), _claim(house)
    with heartbeat.holding(outer):
        heartbeat.progress("report")
        before = [house.draft(film).lease_until for film in films]
        with heartbeat.holding(inner):
            heartbeat.progress("answer")
            heartbeat.beat()
            [row] = house.workers()
            assert (row.job_id, row.progress) == (inner.job_id, "answer")
        assert [house.draft(film).progress for film in films] == ["report", "answer"]
        after = [house.draft(film).lease_until for film in films]
        assert all(one and two and one < two for one, two in zip(before, after, strict=True))
        heartbeat.beat()
        [row] = house.workers()
        assert (row.job_id, row.progress) == (outer.job_id, "report")


def test_a_lease_that_was_lost_around_a_question_is_told_after_it(
    house: House, pulse: Pulse
) -> None:
    house.add_film()
    house.add_film()
    heartbeat = _heartbeat(house, pulse)
    with heartbeat.holding(_claim(house, 0.01)):
        with heartbeat.holding(_claim(house)):
            wait_until(lambda: release_lost(house.db) == 1, what="the lease's end")
            heartbeat.beat()
            heartbeat.progress("answer")
        with pytest.raises(LostLeaseError):
            heartbeat.progress("report")


def test_progress_tells_of_a_stop(house: House, pulse: Pulse) -> None:
    heartbeat = _heartbeat(house, pulse)
    heartbeat.progress("decoding")
    heartbeat.stop_soon()
    with pytest.raises(StopAskedError):
        heartbeat.progress("flags")


def test_the_thread_outlives_a_database_that_is_away(tmp_path: Path, pulse: Pulse) -> None:
    house = House(tmp_path)
    database, aside = tmp_path / "firstread.db", tmp_path / "aside"
    house.close()
    database.rename(aside)
    database.symlink_to(tmp_path / "away" / "firstread.db")
    with _heartbeat(house, pulse, WorkerSettings(lease_seconds=0.1)):
        aside.replace(database)
        wait_until(house.workers, what="the row")
    house.close()
