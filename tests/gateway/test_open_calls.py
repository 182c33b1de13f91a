"""How many associations a title has open: counted in, out, and never twice.

Not covered: what a caller that has too many is answered (test_admission.py).
"""

import threading
from collections.abc import Iterator
from typing import cast

import pytest
from pynetdicom.association import Association

from gateway.open_calls import OpenCalls
from tests.waiting import wait_until


class Calls:
    """Threads that stand for associations."""

    def __init__(self) -> None:
        self.end = threading.Event()

    def one(self) -> Association:
        """Give one that lives."""
        thread = threading.Thread(target=self.end.wait)
        thread.start()
        return cast("Association", thread)


@pytest.fixture
def calls() -> Iterator[Calls]:
    made = Calls()
    yield made
    made.end.set()


def test_who_has_left_makes_room_though_its_thread_still_lives(calls: Calls) -> None:
    opened, first = OpenCalls(), calls.one()
    assert opened.enter("ROOM1", first, 1)
    assert not opened.enter("ROOM1", calls.one(), 1)
    assert opened.enter("ROOM2", calls.one(), 1)
    opened.leave(first)
    opened.leave(first)
    assert opened.enter("ROOM1", calls.one(), 1)


def test_who_ended_without_a_word_makes_room_too(calls: Calls) -> None:
    opened, first = OpenCalls(), calls.one()
    assert opened.enter("ROOM1", first, 1)
    calls.end.set()
    wait_until(lambda: not first.is_alive(), 10.0, "the thread to end")
    assert opened.enter("ROOM1", calls.one(), 1)


def test_titles_that_nobody_uses_are_forgotten(calls: Calls) -> None:
    opened = OpenCalls()
    for number in range(5):
        one = calls.one()
        assert opened.enter(f"ROOM{number}", one, 1)
        opened.leave(one)
    assert not opened.enter("ROOM1", calls.one(), 0)
    assert opened._open == {}
