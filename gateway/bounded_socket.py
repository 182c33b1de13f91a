"""The socket of an association that somebody else began: it takes no more than is honest."""

import select
import socket
import ssl
import struct
import time
from typing import cast

from pynetdicom.association import Association

from gateway.sockets import TidySocket

LONGEST_PDU = 1 << 20
"""Bytes; several times what we announce, since some peers do not heed it."""


class BoundedSocket(TidySocket):
    """A listener's socket: it reads in large pieces, and no more than an honest PDU needs.

    What is asked for must come whole within the network time-out, whatever its length: a peer
    that sends it byte by byte is as silent as one that sends nothing.

    Parameters
    ----------
    association
        Whose socket it is.
    connection
        The connection, plain or secured; its time-out is the network time-out.
    ahead
        What was already read from it.
    """

    def __init__(
        self, association: Association, connection: socket.socket, ahead: bytes = b""
    ) -> None:
        super().__init__(association, client_socket=connection)
        self._ahead = ahead
        # The kernel itself waits for the whole of a PDU; Python would ask again for each part.
        self._flags = 0 if isinstance(connection, ssl.SSLSocket) else socket.MSG_WAITALL
        self.wait_at_most(connection.gettimeout())

    def wait_at_most(self, seconds: float | None) -> None:
        """Bound how long whatever is asked for may take to come, or to go; None is no bound."""
        self._patience = seconds
        if self.socket is None:
            return
        if self._flags:
            _let_the_kernel_wait(self.socket, seconds)
        else:
            self.socket.settimeout(seconds)

    @property
    def waiting(self) -> bool:
        """Whether bytes are at hand of which no poll of the connection would tell."""
        if self._ahead:
            return True
        return isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    @property
    def ready(self) -> bool:
        """Whether there is something to read; the base class fails from the 1024th file on."""
        if self.socket is None:
            return False
        try:
            if self.waiting:
                return True
            poll = select.poll()
            poll.register(self.socket, select.POLLIN)
            return bool(poll.poll(0))
        except (OSError, ValueError):  # closed by another thread
            self.event_queue.put("Evt17")
            return False

    def unread(self, data: bytes) -> None:
        """Give bytes back: they are the next to be read."""
        self._ahead = data + self._ahead

    def recv(self, nr_bytes: int) -> bytearray:
        """Read exactly `nr_bytes`, fewer only where the connection ended.

        Raises
        ------
        OSError
            If more is asked for than any PDU of ours may hold, or the peer took too long.
        """
        check_length(nr_bytes)
        data = bytearray(nr_bytes)
        with memoryview(data) as view:
            read = self.fill(view)
        return data[:read] if read < nr_bytes else data

    def fill(self, view: memoryview) -> int:
        """Read until a buffer is full.

        Parameters
        ----------
        view
            Where to; writable, of bytes.

        Returns
        -------
        int
            How many bytes were read; fewer than the buffer holds only where the connection ended.

        Raises
        ------
        OSError
            If the peer took too long.
        """
        read = 0
        if self._ahead:
            read = min(len(view), len(self._ahead))
            view[:read] = self._ahead[:read]
            self._ahead = self._ahead[read:]
        begun = time.monotonic()
        connection = cast("socket.socket", self.socket)
        while read < len(view):
            count = connection.recv_into(view[read:], 0, self._flags)
            read += count
            if count == 0:
                break
            late = self._patience is not None and time.monotonic() - begun >= self._patience
            if late and read < len(view):
                message = f"{read} of {len(view)} bytes in {self._patience} s"
                raise TimeoutError(message)
        return read


def check_length(length: int) -> None:
    """Refuse a PDU that is longer than any honest one.

    Raises
    ------
    OSError
        If it is; the connection is of no further use.
    """
    if length > LONGEST_PDU:
        message = f"PDU of {length} bytes"
        raise OSError(message)


def _let_the_kernel_wait(connection: socket.socket, seconds: float | None) -> None:
    """Hand a connection's time-out over to the kernel (socket(7), SO_RCVTIMEO)."""
    whole, part = divmod(seconds or 0.0, 1.0)
    limit = struct.pack("@ll", int(whole), int(part * 1_000_000))
    connection.settimeout(None)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, limit)
