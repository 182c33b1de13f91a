"""Who a process is, so that another one on the same machine can tell that it is gone.

A process id alone is given out again; with the time of its start, the machine and its PID
namespace it is nobody else's (proc(5), pid_namespaces(7)). Of a process that ran elsewhere, or
before the machine was started, nothing is known.
"""

import os
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_WRITTEN = re.compile(r"(\d{1,10})-([0-9a-f]{8})-([0-9a-f]{1,16})")
_ENDED = frozenset("ZXx")
_STATE, _THREADS, _START = 0, 17, 19
"""Places in /proc/PID/stat behind the name, which may hold anything (proc(5))."""


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """One process of one machine; as text `PID-SPACE-START`.

    Parameters
    ----------
    pid
        Its id.
    space
        Eight hexadecimal digits that stand for machine, start of the machine and PID namespace.
    start
        When it began, in the kernel's ticks.
    """

    pid: int
    space: str
    start: int

    def __str__(self) -> str:
        return f"{self.pid}-{self.space}-{self.start:x}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a mark that stands for a whole text; None where it is none."""
        found = _WRITTEN.fullmatch(text)
        return None if found is None else cls(int(found[1]), found[2], int(found[3], 16))

    @property
    def here(self) -> bool:
        """Whether it ran where this process does, so that its end can be known."""
        return self.space == _space()

    @property
    def gone(self) -> bool:
        """Whether the process is known to have ended; False where that cannot be known."""
        if not self.here:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except (PermissionError, OverflowError):
            pass
        known = _stat(self.pid)
        if known is None:
            return False
        # A process that nobody has waited for yet does nothing any more.
        ended = known[_STATE] in _ENDED and int(known[_THREADS]) <= 1
        return ended or int(known[_START]) != self.start


def own_mark() -> ProcessMark | None:
    """Give this process's mark; None on systems that do not tell."""
    return _mark_of(os.getpid())


def process_name(host: str | None = None) -> str:
    """Give this process's name in claims, `HOST:MARK`; another process has another one.

    Parameters
    ----------
    host
        Name of the machine for whoever reads it; None asks for it.
    """
    return f"{host or socket.gethostname()}:{own_mark() or os.getpid()}"


def is_gone(name: str) -> bool:
    """Tell whether the process of a name is known to have ended.

    Parameters
    ----------
    name
        As `process_name` gave it; more may follow behind another colon.

    Returns
    -------
    bool
        False also where nothing is known of it: it ran on another machine, or it is no such name.
    """
    parts = name.split(":")
    mark = ProcessMark.parse(parts[1]) if len(parts) > 1 else None
    return mark is not None and mark.gone


@lru_cache(maxsize=4)
def _mark_of(pid: int) -> ProcessMark | None:
    space, known = _space(), _stat(pid)
    return None if space is None or known is None else ProcessMark(pid, space, int(known[_START]))


@lru_cache(maxsize=1)
def _space() -> str | None:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return None
    # Machines that were woken from one snapshot have one boot id.
    return sha256(f"{socket.gethostname()} {boot} {namespace}".encode()).hexdigest()[:8]


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
