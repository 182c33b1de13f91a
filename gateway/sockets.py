"""Sockets of associations, without the traps of pynetdicom's own."""

import contextlib
import socket
from ssl import SSLContext
from typing import cast

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

_MEBIBYTE = 1 << 20


class TidySocket(AssociationSocket):
    """A socket that is really closed: the base class leaves one open whose peer is gone."""

    def _shutdown_socket(self) -> None:
        connection = self.socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class BoundedSocket(TidySocket):
    """A listener's socket: it reads in large pieces, and no more than an honest PDU needs."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Read exactly `nr_bytes`, fewer only where the connection ended.

        Raises
        ------
        OSError
            If more is asked for than any PDU of ours may hold, or the peer went silent.
        """
        if nr_bytes > _MEBIBYTE:
            message = f"PDU of {nr_bytes} bytes"
            raise OSError(message)
        data = bytearray(nr_bytes)
        read = 0
        connection = cast("socket.socket", self.socket)
        with memoryview(data) as view:
            while read < nr_bytes:
                count = connection.recv_into(view[read:])
                if count == 0:
                    break
                read += count
        return data[:read] if read < nr_bytes else data


class PatientSocket(TidySocket):
    """A client's socket: a frozen peer holds a send or a read for the network time-out at most.

    What is sent leaves at once, and what comes is acknowledged at once: else Nagle's algorithm on
    one side waits for the other side's delayed acknowledgement (RFC 1122 section 4.2.3.2), for
    40 ms twice in each small C-STORE.
    """

    def connect(self, primitive: T_CONNECT) -> None:
        """Connect, then bound every later operation; pynetdicom would set no limit."""
        super().connect(primitive)
        if self.socket is not None:
            self.socket.settimeout(self.assoc.network_timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def recv(self, nr_bytes: int) -> bytearray:
        """Read exactly so many bytes, as the base class does."""
        if self.socket is not None and hasattr(socket, "TCP_QUICKACK"):
            # Linux falls back to delaying by itself, so that it is told each time.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return super().recv(nr_bytes)


class ClientEntity(AE):
    """An application entity whose associations use `PatientSocket`."""

    def _create_socket(
        self,
        assoc: Association,
        address: AddressInformation,
        tls_args: tuple[SSLContext, str] | None,
    ) -> AssociationSocket:
        created = PatientSocket(assoc, address=address)
        created.tls_args = tls_args
        return created
