"""A background thread: its steps, its pauses, what it outlives, and its end."""

import threading

import pytest

from core.errors import DatabaseAwayError
from gateway import background
from gateway.background import Background
from tests.waiting import wait_until


class _Counting(Background):
    """Counts its steps; the first ones raise, or have more to do, as they are told."""

    def __init__(self, *first: str | Exception, poll_seconds: float = 600.0) -> None:
        super().__init__("counting", poll_seconds)
        self._first = list(first)
        self.steps = 0
        self.stepped = threading.Event()

    def step(self) -> bool:
        self.steps += 1
        self.stepped.set()
        told = self._first.pop(0) if self._first else ""
        if isinstance(told, Exception):
            raise told
        return bool(told)


def test_what_may_have_more_is_asked_again_at_once() -> None:
    with _Counting("more", "more", "") as counting:
        wait_until(lambda: counting.steps == 3, 10)
    assert counting.steps == 3


def test_where_there_was_nothing_it_pauses_and_looks_again() -> None:
    with _Counting(poll_seconds=0.001) as counting:
        wait_until(lambda: counting.steps >= 3, 10)


def test_it_outlives_whatever_a_step_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_DATABASE_PAUSE_SECONDS", 0.002)
    errors = (ValueError("x"), DatabaseAwayError("away"), OSError(5, "x"))
    with _Counting(*errors, poll_seconds=0.001) as counting:
        wait_until(lambda: counting.steps >= 5, 10)


def test_a_database_that_is_away_is_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_DATABASE_PAUSE_SECONDS", 600.0)
    with _Counting(DatabaseAwayError("away"), poll_seconds=0.001) as counting:
        assert counting.stepped.wait(10)
    assert counting.steps == 1


def test_its_end_waits_for_no_pause() -> None:
    with _Counting() as counting:
        assert counting.stepped.wait(10)
    assert all(thread.name != "counting" for thread in threading.enumerate())
