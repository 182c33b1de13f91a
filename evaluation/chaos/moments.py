"""What goes on in the installation, seen from outside: files that appear, lines in the logs.

A wait polls every few milliseconds; what follows it comes at a random offset.
"""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

_LOOK_SECONDS: Final = 0.002
EVENTS: Final = ("object_stored", "film_read", "published", "delivered")
"""What the services log when a film is committed, was read, is built, and is at a peer."""

Moment = Callable[[float], bool]
"""Waits at most so many seconds; tells whether the moment came."""


def new_file(folder: Path) -> Moment:
    """Wait for a file that was not in a folder: one that begins to be received, built or stored."""

    def wait(seconds: float) -> bool:
        before = _names(folder)
        return _until(lambda: bool(_names(folder) - before), seconds)

    return wait


class Logs:
    """The logs of an installation, counted as they grow.

    Parameters
    ----------
    folder
        Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ends: dict[Path, int] = {}
        self._counts: Counter[str] = Counter()

    def count(self, event: str) -> int:
        """Count the lines of an event until now."""
        for path in self._folder.glob("*.log"):
            with path.open("rb") as file:
                file.seek(self._ends.get(path, 0))
                added = file.read()
            # A line that is only half written counts when it is whole.
            lines = added[: added.rfind(b"\n") + 1]
            self._ends[path] = self._ends.get(path, 0) + len(lines)
            for one in EVENTS:
                self._counts[one] += lines.count(f'"event": "{one}"'.encode())
        return self._counts[event]

    def next(self, event: str) -> Moment:
        """Wait for the next line of an event."""

        def wait(seconds: float) -> bool:
            before = self.count(event)
            return _until(lambda: self.count(event) > before, seconds)

        return wait


def _until(come: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not come():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _names(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return set()
