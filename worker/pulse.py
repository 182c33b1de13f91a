"""The sign of progress that a worker process gives its watchdog, in memory that both map.

It works while the database is away and costs nothing per token. A worker that hangs without
ever giving Python back cannot lie in it.
"""

import mmap
import os
import struct
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_LAYOUT = struct.Struct("=qd")
_TIME = struct.Struct("=d")
_TIME_OFFSET = 8
_NOT_YET = 0.0


class Pulse:
    """Who works, and when it last made progress by the machine's monotonic clock.

    A context manager that unmaps it at its exit, and removes the file if it made one.

    Parameters
    ----------
    path
        The file that the other side made; None makes one.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._made = path is None
        self.path = _new_file() if path is None else path
        with self.path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _LAYOUT.size)

    def begin(self) -> None:
        """Say that this process is the worker now, and has not begun to work."""
        # The time first: a watchdog that sees the new process must not see the old one's time.
        self._set_time(_NOT_YET)
        self._map[:_TIME_OFFSET] = struct.pack("=q", os.getpid())

    def beat(self) -> None:
        """Say that progress was made just now."""
        self._set_time(time.monotonic())

    def silence(self, pid: int) -> float:
        """Give the seconds since a process last made progress.

        Returns
        -------
        float
            0.0 if it has not begun to work, or is not the one that the pulse is of.
        """
        told, at = _LAYOUT.unpack(self._map[:])
        return 0.0 if told != pid or at == _NOT_YET else max(0.0, time.monotonic() - at)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._map.close()
        if self._made:
            self.path.unlink(missing_ok=True)

    def _set_time(self, at: float) -> None:
        self._map[_TIME_OFFSET:] = _TIME.pack(at)


def _new_file() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="firstread-pulse-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(_LAYOUT.size))
    return Path(name)
