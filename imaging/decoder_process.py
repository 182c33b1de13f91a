"""One decoding process, seen from the process that asks it."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, cast

import numpy as np

from imaging.bits import Cells
from imaging.decode_child import READY

COMMAND: Final = (sys.executable, "-P", "-m", "imaging.decode_child")
_START_SECONDS: Final = 60.0
"""A cold start takes half a second; a machine that is starting everything at once, much longer."""
_LONGEST_LINE: Final = 4096
_PIPE_BYTES: Final = 1 << 20
"""What an unprivileged process may have on Linux (pipe(7)); fewer and longer turns to switch."""
_KINDS: Final = frozenset({"uint8", "int8", "uint16", "int16"})
_SIGNALLED: Final = 128
_ADDED: Final = {
    # Threads would not survive the fork, and are of no use to it.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Each film meets fresh memory: large pages spare thousands of page faults (glibc >= 2.35).
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")


class DecoderDiedError(Exception):
    """The process ended before its answer; the text says of what, in words for a person."""


class DecoderKilledError(DecoderDiedError):
    """It was killed from outside, as a machine does that has no memory left: not by the film."""


class DecoderProcess:
    """A process that decodes; used by one thread at a time.

    Parameters
    ----------
    command
        Program and arguments.

    Raises
    ------
    OSError
        If it cannot be started: no fault of any film.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
            # Of its own, so that it and its copy end together, and Ctrl-C reaches neither.
            process_group=0,
        )
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101
        self._requests = self._process.stdin
        self._answers = self._process.stdout.fileno()
        self._rest = b""
        _widen(self._answers)
        try:
            if self._line(time.monotonic() + _START_SECONDS) != READY:
                raise self._nonsense()  # noqa: TRY301 - ended below, as whatever else goes wrong
        except BaseException as error:
            self.end()
            if not isinstance(error, DecoderDiedError):
                raise
            message = f"no decoding process: it {error}"
            raise ChildProcessError(message) from error

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(
        self, request: dict[str, Any], seconds: float, shape: tuple[int, ...]
    ) -> Cells | dict[str, Any]:
        """Have a request done.

        Parameters
        ----------
        request
            As `imaging.decode_child` takes it.
        seconds
            How long to wait for the whole answer.
        shape
            Of the values that must come.

        Returns
        -------
        numpy.ndarray or dict
            Values of 8 or 16 bits; or what else it answered.

        Raises
        ------
        DecoderDiedError
            If it ended, took too long or answered nonsense; it is gone by then.
            `DecoderKilledError` where that was no fault of the request.
        MemoryError
            If this process has no memory for the answer.
        """
        deadline = time.monotonic() + seconds
        try:
            with suppress(BrokenPipeError):  # it died while it waited: seen at its answer
                self._requests.write(json.dumps(request).encode() + b"\n")
            told = self._told(self._line(deadline))
            if "error" in told:
                return told
            values = self._empty(told, shape)
            self._fill(values.view(np.uint8).reshape(-1).data, deadline)
        except BaseException:
            # Whatever happened, the rest of an answer must never be taken for the next one.
            self.end()
            raise
        return values

    def end(self) -> None:
        """End it by force, and its copy with it; returns when it is gone."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._requests.close()
        cast("Any", self._process.stdout).close()

    def _told(self, line: bytes) -> dict[str, Any]:
        try:
            told = json.loads(line)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise self._nonsense()
        return told

    def _empty(self, told: dict[str, Any], shape: tuple[int, ...]) -> Cells:
        if told.get("dtype") not in _KINDS or told.get("shape") != list(shape):
            raise self._nonsense()
        values: Cells = np.empty(shape, dtype=told["dtype"])
        return values

    def _line(self, deadline: float) -> bytes:
        line = b""
        while b"\n" not in line:
            self._await(deadline)
            more = os.read(self._answers, _LONGEST_LINE)
            if not more:
                raise self._died()
            line += more
            if len(line) > 2 * _LONGEST_LINE:
                raise self._nonsense()
        first, end, self._rest = line.partition(b"\n")
        return first + end

    def _fill(self, values: memoryview, deadline: float) -> None:
        early, self._rest = self._rest[: len(values)], b""
        values[: len(early)] = early
        left = values[len(early) :]
        while left:
            self._await(deadline)
            count = os.readv(self._answers, [left])
            if not count:
                raise self._died()
            left = left[count:]

    def _await(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        if not poll.poll(1000 * max(0.0, deadline - time.monotonic())):
            self.end()
            message = "took too long"
            raise DecoderDiedError(message)

    def _died(self) -> DecoderDiedError:
        status = self._process.wait()
        number = status - _SIGNALLED
        # The waiting process decodes nothing: a signal that ends it comes from outside.
        if status < 0 or number == signal.SIGKILL:
            return DecoderKilledError("was killed from outside")
        if number in {signal.SIGXCPU, signal.SIGALRM}:
            return DecoderDiedError("took too long")
        with suppress(ValueError):
            return DecoderDiedError(f"crashed ({signal.Signals(number).name})")
        return DecoderDiedError(f"ended with status {status}")

    def _nonsense(self) -> DecoderDiedError:
        return DecoderDiedError("answered nonsense")


def _environment() -> dict[str, str]:
    """Give what Python needs, and none of the settings, which may hold secrets."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _ENVIRONMENT or name.startswith("PYTHON")
    }
    return kept | _ADDED


def _widen(descriptor: int) -> None:
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - not everywhere, and not needed elsewhere

        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
