"""Sockets of associations, without the traps of pynetdicom's own."""

import contextlib
import socket
from ssl import SSLContext
from typing import cast

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket


class TidySocket(AssociationSocket):
    """A socket that is really closed: the base class leaves one open whose peer is gone."""

    def _shutdown_socket(self) -> None:
        connection = self.socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class ConnectedSocket(TidySocket):
    """A client's socket that was connected before: to an address that was checked, with its TLS.

    A frozen peer holds a send or a read for the network time-out at most. What comes is
    acknowledged at once: else a peer that sends its answer in two pieces waits 40 ms for a delayed
    acknowledgement (RFC 1122 section 4.2.3.2) before the second one.

    Parameters
    ----------
    association
        Whose it is.
    connection
        The connected socket.
    """

    def __init__(self, association: Association, connection: socket.socket) -> None:
        super().__init__(association, client_socket=connection)
        self.event_queue.get_nowait()  # "connected", which is an acceptor's event
        # Nothing is read, and nobody is told of a connection, before there was a request.
        self._ready.clear()

    @property
    def _is_connected(self) -> bool:
        """Whether it was ever taken for the association.

        The requestor looks at this some time after its request, and would miss a rejection that was
        read, and the connection closed, by then.
        """
        return self._ready.is_set()

    @_is_connected.setter
    def _is_connected(self, value: bool) -> None:
        """Ignore what the base class notes: that it is closed is told by its socket."""

    def connect(self, primitive: T_CONNECT) -> None:
        """Take the connection as the one that was asked for, and bound all its operations."""
        connection = cast("socket.socket", self.socket)
        connection.settimeout(self.assoc.network_timeout)
        self.assoc.requestor.address_info = AddressInformation.from_tuple(connection.getsockname())
        primitive.result = "Evt2"
        self.provider_queue.put(primitive)
        self._ready.set()

    def recv(self, nr_bytes: int) -> bytearray:
        """Read exactly so many bytes, as the base class does."""
        if self.socket is not None and hasattr(socket, "TCP_QUICKACK"):
            # Linux falls back to delaying by itself, so that it is told each time.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return super().recv(nr_bytes)


class ClientEntity(AE):
    """An application entity with one association, over a connection that is there already.

    Parameters
    ----------
    ae_title
        Its own.
    connection
        Connected to the peer.
    """

    def __init__(self, ae_title: str, connection: socket.socket) -> None:
        super().__init__(ae_title)
        self._connection = connection

    def _create_socket(
        self,
        assoc: Association,
        address: AddressInformation,  # noqa: ARG002 - the signature is pynetdicom's
        tls_args: tuple[SSLContext, str] | None,  # noqa: ARG002
    ) -> AssociationSocket:
        return ConnectedSocket(assoc, self._connection)
