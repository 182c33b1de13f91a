"""The desk: when it looks for films, and when it stops. Real database, no broker."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import DatabaseAwayError
from core.states import FilmState, JobKind
from core.worker_settings import WorkerSettings
from db import jobs
from reader.protocol import OnText
from tests.waiting import wait_until
from tests.worker.desks import make_desk, working
from tests.worker.house import House
from worker.chat import Talker
from worker.pulse import Pulse


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with Pulse() as made:
        made.begin()
        yield made


def _state(house: House, film: int) -> FilmState:
    return house.film(film).state


def test_what_waits_at_the_start_is_read_without_a_ring(house: House, pulse: Pulse) -> None:
    films = [house.add_film(), house.add_film()]
    with working(make_desk(house, pulse)):
        wait_until(lambda: all(_state(house, film) is FilmState.READ for film in films))


def test_a_ring_has_it_look_at_once(house: House, pulse: Pulse) -> None:
    desk = make_desk(house, pulse)
    with working(desk):
        film = house.add_film()
        desk.ring()
        wait_until(lambda: _state(house, film) is FilmState.READ)


def test_a_lost_ring_costs_one_pause(house: House, pulse: Pulse) -> None:
    with working(make_desk(house, pulse, look_seconds=0.05)):
        film = house.add_film()
        wait_until(lambda: _state(house, film) is FilmState.READ)


def test_a_ring_during_a_reading_leads_to_another_look(house: House, pulse: Pulse) -> None:
    first = house.add_film()
    later: list[int] = []

    def add(_on_progress: OnText) -> None:
        if not later:
            later.append(house.add_film())
            desk.ring()

    desk = make_desk(house, pulse, add)
    with working(desk):
        wait_until(lambda: later and _state(house, later[0]) is FilmState.READ)
    assert _state(house, first) is FilmState.READ


def test_the_film_of_a_dead_worker_is_read_once_its_lease_ends(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    assert jobs.claim(house.db, (JobKind.DRAFT,), worker="dead", lease_seconds=0.2) is not None
    with working(make_desk(house, pulse, look_seconds=0.05)):
        wait_until(lambda: _state(house, film) is FilmState.READ)
    assert house.draft(film).attempts == 2


def test_a_stop_ends_it_after_the_film_in_hand(house: House, pulse: Pulse) -> None:
    films = [house.add_film(), house.add_film()]
    desk = make_desk(house, pulse, lambda _on_progress: desk.stop())
    desk.run()
    assert [_state(house, film) for film in films] == [FilmState.READ, FilmState.QUEUED]


def test_films_are_read_while_questions_keep_coming(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = [house.add_film(), house.add_film()]
    read: list[int] = []

    def answer_one(_talker: Talker) -> bool:
        read.append([_state(house, film) for film in films].count(FilmState.READ))
        if len(read) == 3:
            desk.stop()
        return True

    monkeypatch.setattr(Talker, "answer_one", answer_one)
    desk = make_desk(house, pulse)
    desk.run()
    assert read == [0, 1, 2]


def test_who_is_told_to_stop_while_it_answers_takes_no_film(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = house.add_film()

    def answer_one(_talker: Talker) -> bool:
        desk.stop()
        return True

    monkeypatch.setattr(Talker, "answer_one", answer_one)
    desk = make_desk(house, pulse)
    desk.run()
    assert (_state(house, film), house.draft(film).attempts) == (FilmState.QUEUED, 0)


def test_an_idle_desk_is_no_hanging_one(tmp_path: Path, upgraded: Path, pulse: Pulse) -> None:
    impatient = WorkerSettings(progress_timeout_seconds=0.4)
    house = House(tmp_path, upgraded=upgraded, worker=impatient)
    beats = set()
    with working(make_desk(house, pulse)):

        def beaten_often() -> bool:
            beats.add(time.monotonic() - pulse.silence(os.getpid()))
            return len({round(beat, 2) for beat in beats}) > 3

        wait_until(beaten_often, what="some beats")
    house.close()


def test_a_database_that_is_away_is_asked_again(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = house.add_film()
    write, refused = house.db.write, threading.Event()

    def away() -> object:
        if refused.is_set():
            return write()
        refused.set()
        message = "away"
        raise DatabaseAwayError(message)

    monkeypatch.setattr(house.db, "write", away)
    with working(make_desk(house, pulse, look_seconds=0.05)):
        wait_until(lambda: _state(house, film) is FilmState.READ)
    assert refused.is_set()
