"""What stands between the accept loop and the associations.

Whoever connects has a thread until he has asked for an association and it is negotiated, and there
are never more of these threads than places. Where all are taken, the newest comes in at the cost
of the oldest of whichever address holds the most: an honest caller asks within milliseconds of
connecting and is gone before his turn comes, so that a flood of silent or talkative strangers costs
him nothing but the wait.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.crowd import first_to_go
from core.errors import FirstReadError
from core.sparing_log import SparingLog

PLACES: Final = 64
_ROOM_SECONDS: Final = 2.0
"""How long the accept loop waits for somebody whose connection was cut to leave."""
_HEAD: Final = 6
_REQUEST: Final = 0x01
_LONGEST_REQUEST: Final = 1 << 17
"""Bytes of an A-ASSOCIATE-RQ: 128 contexts with every transfer syntax there is are half of it."""
_ABORT: Final = bytes((7, 0, 0, 0, 0, 4, 0, 0, 2, 0))
"""A-ABORT by the service provider, reason not specified (PS3.8 section 9.3.8)."""
CONGESTION: Final = bytes((3, 0, 0, 0, 0, 4, 0, 2, 3, 2))
"""A-ASSOCIATE-RJ: transient, by the presentation layer, local limit exceeded (PS3.8 section
9.3.4)."""


class NoRequestError(FirstReadError):
    """A connection did not begin with a request for an association."""


@dataclass(eq=False, slots=True)
class _Visitor:
    """A connection that is not an association yet.

    Parameters
    ----------
    address
        Whose.
    handle
        A second handle of the connection, which ends it whatever became of the first.
    """

    address: str
    handle: socket.socket

    def send_away(self) -> None:
        """Cut the connection: whoever waits for something of it waits no longer."""
        with contextlib.suppress(OSError):
            self.handle.shutdown(socket.SHUT_RDWR)


class Door:
    """The connections that are not associations yet.

    Parameters
    ----------
    places
        How many there may be, each with a thread.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._changed = threading.Condition()
        self._visitors: list[_Visitor] = []  # oldest first
        self._sent_away = SparingLog("visitor_sent_away")

    @property
    def visitors(self) -> int:
        """How many there are."""
        with self._changed:
            return len(self._visitors)

    def admit(self, connection: socket.socket, address: str, serve: Callable[[], None]) -> bool:
        """Serve a connection in a thread of its own, sending away another where there is no place.

        Parameters
        ----------
        connection
            The connection.
        address
            Where it comes from.
        serve
            Called in the thread; the connection has its place until it returns.

        Returns
        -------
        bool
            False if there is no place, since nobody left in time.
        """
        visitor = _Visitor(address, connection.dup())
        with self._changed:
            if not self._make_room():
                visitor.handle.close()
                return False
            self._visitors.append(visitor)
        threading.Thread(
            target=self._serve, args=(visitor, serve), name="visitor", daemon=True
        ).start()
        return True

    def close(self) -> None:
        """Send all away."""
        with self._changed:
            for visitor in self._visitors:
                visitor.send_away()

    def _make_room(self) -> bool:
        if len(self._visitors) < self._places:
            return True
        oldest = first_to_go(self._visitors, lambda one: one.address)
        oldest.send_away()
        self._sent_away.tell(address=oldest.address)
        return self._changed.wait_for(lambda: len(self._visitors) < self._places, _ROOM_SECONDS)

    def _serve(self, visitor: _Visitor, serve: Callable[[], None]) -> None:
        try:
            serve()
        finally:
            with self._changed:
                self._visitors.remove(visitor)
                self._changed.notify_all()
            visitor.handle.close()


def read_request(connection: socket.socket) -> bytes:
    """Read the first PDU of a connection.

    Parameters
    ----------
    connection
        Its time-out is the time that the whole PDU may take.

    Returns
    -------
    bytes
        An A-ASSOCIATE-RQ, as it came; its variable field is not looked at.

    Raises
    ------
    NoRequestError
        If it is something else; an A-ABORT was answered.
    OSError
        If the connection ended, or nothing came in time.
    """
    patience = connection.gettimeout()
    deadline = None if patience is None else time.monotonic() + patience
    head = _exactly(connection, _HEAD, deadline)
    length = int.from_bytes(head[2:], "big")
    if head[0] != _REQUEST or length > _LONGEST_REQUEST:
        with contextlib.suppress(OSError):
            connection.sendall(_ABORT)
        message = f"PDU of type {head[0]} and {length} bytes"
        raise NoRequestError(message)
    request = head + _exactly(connection, length, deadline)
    connection.settimeout(patience)
    return request


def _exactly(connection: socket.socket, count: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < count:
        if deadline is not None:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
        part = connection.recv(count - len(data))
        if not part:
            message = f"the connection ended after {len(data)} of {count} bytes"
            raise ConnectionResetError(message)
        data += part
    return bytes(data)
