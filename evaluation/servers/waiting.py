"""Waits for a state instead of for a time."""

import time
from collections.abc import Callable

from core.errors import FirstReadError

_LOOK_SECONDS = 0.02


def wait_for(predicate: Callable[[], object], seconds: float, what: str) -> None:
    """Return as soon as the predicate holds.

    Raises
    ------
    FirstReadError
        If it does not hold in time; the text says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > deadline:
            message = f"waited {seconds} s for {what}"
            raise FirstReadError(message)
        time.sleep(_LOOK_SECONDS)
