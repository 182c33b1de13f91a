"""One child process of a supervisor: started on a leash, watched, started again, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from core import leash

_log = structlog.get_logger()
MAXIMUM_INPUT = 65536
"""Bytes that a pipe takes without a reader (pipe(7))."""


def _never_stuck(_pid: int) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How a child process is started.

    Parameters
    ----------
    name
        Its name in the logs.
    command
        Program and arguments. Nothing secret: every user of the machine can list them.
    input
        What it reads on its standard input, at most `MAXIMUM_INPUT` bytes; secrets go here.
    environment
        Variables set beside those of the supervisor.
    stuck
        Asked about ten times a second with the child's process id; True has it killed at once.

    Raises
    ------
    ValueError
        If the input is too long.
    """

    name: str
    command: tuple[str, ...]
    input: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    stuck: Callable[[int], bool] = _never_stuck

    def __post_init__(self) -> None:
        if len(self.input.encode()) > MAXIMUM_INPUT:
            message = f"the input of {self.name} is over {MAXIMUM_INPUT} bytes"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Pauses:
    """How patient a supervisor is; all in seconds.

    Parameters
    ----------
    first
        Before a child that ended is started again; doubled each time it ends soon again.
    longest
        The most that the pause grows to.
    settled
        A child that ran this long is trusted again: its next pause is the first.
    grace
        What the children are given to end by themselves once they are told to.
    """

    first: float = 0.2
    longest: float = 30.0
    settled: float = 60.0
    grace: float = 15.0


class Child:
    """A child process and its history; used by one thread only.

    Parameters
    ----------
    spec
        How to start it.
    pauses
        When to start it again.
    """

    def __init__(self, spec: ChildSpec, pauses: Pauses) -> None:
        self._spec = spec
        self._pauses = pauses
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = pauses.first
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def look(self) -> None:
        """Note an end, kill it if it is stuck, and start it when its time has come."""
        if self._process is not None:
            if self._process.poll() is None:
                self._kill_if_stuck(self._process.pid)
                return
            self._note_end(self._process)
        if time.monotonic() >= self._start_at:
            self._start()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group, if it runs."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it by force if it still runs; returns when it is gone."""
        if self._process is not None and self._process.poll() is None:
            _log.warning("child_killed", child=self._spec.name, pid=self._process.pid)
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _start(self) -> None:
        # A process group of its own: Ctrl-C in a terminal reaches the supervisor alone, which
        # then ends its children in order. Files opened here are not inherited (PEP 446).
        leashed = [sys.executable, "-I", str(Path(leash.__file__)), str(os.getpid())]
        self._process = subprocess.Popen(
            [*leashed, *self._spec.command],
            stdin=subprocess.PIPE,
            env={**os.environ, **self._spec.environment},
            process_group=0,
        )
        self._started_at = time.monotonic()
        _log.info("child_started", child=self._spec.name, pid=self._process.pid)
        self._feed(self._process)

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - for the type checker: it was asked for
        try:
            # Fits the pipe's buffer, so a child that does not read cannot hold this up.
            process.stdin.write(self._spec.input.encode())
            process.stdin.close()
        except BrokenPipeError:
            _log.warning("child_took_no_input", child=self._spec.name, pid=process.pid)

    def _kill_if_stuck(self, pid: int) -> None:
        if self._spec.stuck(pid):
            _log.error("child_stuck", child=self._spec.name, pid=pid)
            self.kill()

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        lived = time.monotonic() - self._started_at
        if lived >= self._pauses.settled:
            self._pause = self._pauses.first
        _log.error(
            "child_ended",
            child=self._spec.name,
            pid=process.pid,
            status=process.returncode,
            lived_seconds=round(lived, 1),
            pause_seconds=self._pause,
        )
        self._process = None
        self._start_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, self._pauses.longest)
