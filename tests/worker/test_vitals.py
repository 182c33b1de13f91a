"""What a worker tells of itself: films, those of the last hour, and memory.

The memory of a CUDA device is asked for where there is none; on one it is not covered.
"""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

import worker.vitals
from core.clock import now
from core.worker_settings import WorkerSettings
from db.models import WorkerRow
from db.workers import SignOfLife, Vitals
from tests.db.builders import model
from tests.worker.house import House
from worker.heartbeat import Heartbeat
from worker.pulse import Pulse
from worker.vitals import VitalSigns


def test_films_of_the_last_hour_are_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [10.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    signs = VitalSigns("elsewhere")
    signs.film_ended()
    at[0] += 3000
    signs.film_ended()
    assert signs.look() == Vitals(2, 2)
    at[0] += 700
    assert signs.look() == Vitals(2, 1)


def test_a_cpu_has_the_memory_of_its_machine() -> None:
    look = VitalSigns("cpu").look()
    assert look.memory_used is not None
    assert look.memory_total is not None
    assert 0 < look.memory_used < look.memory_total


def test_a_machine_that_does_not_tell_is_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker.vitals, "_MEMINFO", tmp_path / "nothing")
    assert VitalSigns("cpu").look() == Vitals()
    (tmp_path / "odd").write_text("MemTotal\n")
    monkeypatch.setattr(worker.vitals, "_MEMINFO", tmp_path / "odd")
    assert VitalSigns("cpu").look() == Vitals()
    assert VitalSigns("cuda:99").look() == Vitals()


def test_a_heartbeat_tells_it(house: House) -> None:
    sign = SignOfLife.of("here", model())
    with Pulse() as pulse:
        heartbeat = Heartbeat(house.db, pulse, sign, WorkerSettings())
        heartbeat.vitals.film_ended()
        heartbeat.beat()
    with house.db.read() as session:
        row = session.scalars(select(WorkerRow)).one()
    assert (row.films, row.hour_films, row.model_name) == (1, 1, "test 1")
    assert row.memory_total is not None
    assert row.seen_at <= now()
