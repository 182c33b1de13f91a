"""A connection that another thread may cut: at its deadline, or when nobody listens any more."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Line:
    """All connections of one question, of which at most one is open.

    A stream of drops keeps every time-out of a socket from running out; cutting the connection
    from outside ends the wait for it, whatever comes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: socket.socket | None = None
        self._given_up = threading.Event()

    @property
    def given_up(self) -> bool:
        """Whether nobody listens any more."""
        return self._given_up.is_set()

    def give_up(self) -> None:
        """End it for good; from any thread."""
        with self._lock:
            self._given_up.set()
            if self._open is not None:
                _cut(self._open)

    def pause(self, seconds: float) -> None:
        """Wait, unless or until it is given up."""
        self._given_up.wait(seconds)

    @contextmanager
    def held(self, connected: socket.socket, seconds: float) -> Iterator[threading.Event]:
        """Keep a connection under watch while the context lasts.

        Parameters
        ----------
        connected
            The socket; it is not closed here.
        seconds
            How long it may last; then it is cut, and the event that is given is set.
        """
        late = threading.Event()

        def end() -> None:
            late.set()
            _cut(connected)

        with self._lock:
            self._open = connected
            if self._given_up.is_set():
                _cut(connected)
        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()
            with self._lock:
                self._open = None


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        # Of the connection itself, below TLS: the other thread may be in the middle of a record.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
