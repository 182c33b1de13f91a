"""Waits for a state instead of for a time."""

import time
from collections.abc import Callable
from threading import Event


def wait_until(predicate: Callable[[], object], timeout: float = 30.0, what: str = "it") -> None:
    """Return as soon as the predicate holds.

    Raises
    ------
    AssertionError
        If it does not hold within `timeout` seconds; the text says what was waited for.
    """
    pause = Event()
    deadline = time.monotonic() + timeout
    while not predicate():
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        pause.wait(0.02)
