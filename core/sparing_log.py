"""Logs what strangers can cause as often as they like, without letting them fill the disk."""

import threading
import time
from typing import Final

import structlog

_log = structlog.get_logger()
_MOST_REMEMBERED: Final = 256


class Rarely:
    """Says which of what comes again and again is to be told.

    Parameters
    ----------
    seconds
        Between two of the same.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._told: dict[tuple[tuple[str, str], ...], tuple[float, int]] = {}

    def times(self, **values: str) -> int:
        """Give how often some values came since they were told last; 0 if it is too early."""
        key = tuple(sorted(values.items()))
        with self._lock:
            at, untold = self._told.get(key, (float("-inf"), 0))
            if time.monotonic() - at < self._seconds:
                self._told[key] = (at, untold + 1)
                return 0
            if len(self._told) >= _MOST_REMEMBERED:
                del self._told[min(self._told, key=lambda one: self._told[one][0])]
            self._told[key] = (time.monotonic(), 0)
        return untold + 1


class SparingLog:
    """A warning that is logged once in a while for the same values.

    Parameters
    ----------
    event
        Name of the log event.
    seconds
        Between two of the same.
    """

    def __init__(self, event: str, *, seconds: float = 10.0) -> None:
        self._event = event
        self._rarely = Rarely(seconds)

    def tell(self, **values: str) -> None:
        """Log some values, with the number of times that they came since they were logged last."""
        times = self._rarely.times(**values)
        if times:
            _log.warning(self._event, times=times, **values)
