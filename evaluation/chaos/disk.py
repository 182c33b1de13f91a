"""The disk of the spool: small enough to be filled.

It is a tmpfs of its own where this process may mount one. Elsewhere the mark is raised instead:
the reserve that must stay free is all that is free but a few hundred megabytes, and a file takes
those away.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOM: Final = 1 << 30
_RESERVE: Final = 32 << 20
_GRAIN: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SpoolDisk:
    """Where the spool lies.

    Parameters
    ----------
    folder
        The spool's folder.
    reserve_bytes
        What its settings keep free.
    way
        `tmpfs` or `mark`.
    """

    folder: Path
    reserve_bytes: int
    way: str

    def fill(self, *, past_the_end: bool) -> None:
        """Take the room away: down to below the mark, or to the last byte of a tmpfs."""
        free = shutil.disk_usage(self.folder).free
        to_the_mark = free - self.reserve_bytes + _GRAIN
        everything = past_the_end and self.way == "tmpfs"
        size = free if everything else to_the_mark
        if size > 0:
            with self._filler.open("wb") as file:
                _take(file.fileno(), size)

    def empty(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.folder.parent / "filler"


@contextmanager
def spool_disk() -> Iterator[SpoolDisk]:
    """Give a small disk for the spool, and take it away at the end."""
    with tempfile.TemporaryDirectory(prefix="firstread-chaos-disk-") as name:
        place = Path(name)
        if _mounted(place):
            try:
                yield SpoolDisk(_made(place / "spool"), _RESERVE, "tmpfs")
            finally:
                # Lazily: a process that is still ending may hold a file open.
                subprocess.run(["umount", "--lazy", name], check=True, capture_output=True)  # noqa: S607 - the system's own
        else:
            free = shutil.disk_usage(place).free
            yield SpoolDisk(_made(place / "spool"), max(0, free - _ROOM), "mark")


def _mounted(place: Path) -> bool:
    options = f"size={_ROOM},mode=0700"
    command = ["mount", "-t", "tmpfs", "-o", options, "firstread-chaos", str(place)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _take(descriptor: int, size: int) -> None:
    """Allocate so many bytes, or as many of them as there are."""
    taken = 0
    while taken < size:
        piece = min(_GRAIN, size - taken)
        try:
            os.posix_fallocate(descriptor, taken, piece)
        except OSError:
            return
        taken += piece
