"""How many lines to one peer are open, and whether it takes another one."""

import threading
import time
from typing import Final

_ENOUGH_SECONDS: Final = 60.0
"""For so long no further line is tried after one was turned away."""


class OpenLines:
    """The count that a peer's lines share; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._enough_until = 0.0

    @property
    def takes_another(self) -> bool:
        """Whether another line is worth a try."""
        return time.monotonic() >= self._enough_until

    def opened(self) -> None:
        """Count a line."""
        with self._lock:
            self._count += 1

    def closed(self) -> None:
        """Count one less."""
        with self._lock:
            self._count -= 1

    def suffice(self) -> bool:
        """Tell, for a line that could not be opened, whether others are open: then they suffice.

        If so, none is opened besides them for a while.
        """
        with self._lock:
            if self._count:
                self._enough_until = time.monotonic() + _ENOUGH_SECONDS
            return self._count > 0
