"""What goes on in the installation, seen from outside: files that appear, lines in the logs."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

EVENTS: Final = ("object_stored", "film_read", "published", "delivered")
"""What the services log when a film is committed, was read, is built, and is at a peer."""

Moment = Callable[[], bool]
"""Tells whether what it was made to look for has happened since."""


def new_file(folder: Path) -> Moment:
    """Look for a file that is not in a folder yet: one that is received, built or stored."""
    before = _names(folder)
    return lambda: bool(_names(folder) - before)


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
            if path.stat().st_size == self._ends.get(path, 0):
                continue
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
        """Look for the next line of an event."""
        before = self.count(event)
        return lambda: self.count(event) > before


def _names(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return set()
