"""Starts, stops, kills and freezes a server on a free port of 127.0.0.1."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.errors import FirstReadError
from evaluation.servers.waiting import wait_for

_given: set[int] = set()


def free_port() -> int:
    """Give a TCP port of 127.0.0.1 that nobody listens on, never the same one twice.

    The port is free when it is given; it is for programs that cannot take port 0 themselves.
    """
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


class ServerProcess:
    """One server that can be started, stopped, killed and frozen again and again.

    Parameters
    ----------
    command
        Program and arguments; the same for each start, so that the port stays.
    log
        File that takes the server's standard output and error.
    ready
        Tells whether the server answers; asked until it does, errors of the network count as no.
    stop_signal
        What asks the server to end in its orderly way.
    user
        Name of the account to run under; None keeps this process's own.
    environment
        Variables beside this process's own.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        ready: Callable[[], bool],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [str(part) for part in command]
        self._log = log
        self._ready = ready
        self._stop_signal = stop_signal
        self._user = user
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives (it may be frozen)."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id.

        Raises
        ------
        FirstReadError
            If the server does not run.
        """
        if self._process is None or self._process.poll() is not None:
            message = f"{self._command[0]} does not run"
            raise FirstReadError(message)
        return self._process.pid

    def start(self, timeout: float = 60.0) -> None:
        """Start the server where it does not run, and wait until it answers."""
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._log.parent,
                env=self._environment,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
                start_new_session=True,
            )
        wait_for(self._answers, timeout, f"{self._command[0]} to answer")

    def stop(self, timeout: float = 30.0) -> None:
        """End the server in its orderly way; kill it where it does not end in time."""
        if self._process is None:
            return
        if self.running:
            self.resume()
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the server with SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Freeze the server: its port still takes connections, and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on; nothing happens to one that is not frozen."""
        os.kill(self.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        if not self.running:
            said = self._log.read_text(errors="replace")[-2000:]
            message = f"{' '.join(self._command)} ended at once:\n{said}"
            raise FirstReadError(message)
        try:
            return self._ready()
        except OSError:
            return False
