"""An association server that starts, ends and closes its sockets in order."""

import socket
import sys
import threading
import time
from collections.abc import Callable
from socketserver import BaseServer
from types import TracebackType
from typing import ClassVar, Self

import structlog
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from gateway.sockets import TidySocket

_log = structlog.get_logger()
Secure = Callable[[socket.socket], socket.socket]
"""Takes a connection that was accepted, whose time-out is set, and gives the one to speak over."""


class TidyHandler(RequestHandler):
    """Gives each association of a server a socket that is really closed, and that has a limit."""

    server: "TidyServer"
    socket_class: ClassVar[type[AssociationSocket]] = TidySocket

    def setup(self) -> None:
        """Make the connection secure, in the thread of this connection alone."""
        # A client that goes silent, within a handshake or a PDU, must not hold its thread for ever.
        self.request.settimeout(self.server.ae.network_timeout)
        if self.server.secure is not None:
            self.request = self.server.secure(self.request)

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul.event_queue.get_nowait()  # the replaced socket's "connected"
        association.dul.socket = self.socket_class(association, client_socket=self.request)
        return association


class TidyServer(ThreadedAssociationServer):
    """An association server with a thread of its own; a context manager.

    Parameters
    ----------
    entity
        The application entity, with its title and its limits.
    address
        Host and port; port 0 takes a free one.
    contexts
        What every caller may negotiate.
    handlers
        Events and what they call.
    handler_class
        Makes the associations.
    patience
        Seconds that open associations have to end by themselves at the exit.
    secure
        Called for each connection, in a thread of its own, before anything is read from it; may
        block as long as the connection's time-out lets it. Where it raises OSError, as a failed
        handshake does, the connection is closed and nothing else happens.
    """

    request_queue_size = 128

    def __init__(
        self,
        entity: AE,
        address: tuple[str, int],
        *,
        contexts: list[PresentationContext],
        handlers: list[evt.EventHandlerType],
        handler_class: type[TidyHandler] = TidyHandler,
        patience: float = 0.0,
        secure: Secure | None = None,
    ) -> None:
        self.secure = secure
        super().__init__(
            entity,
            address,
            entity.ae_title,
            contexts,
            evt_handlers=handlers,
            request_handler=handler_class,
        )
        self._patience = patience
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.1,), name="association-server", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what ended a connection before it became an association."""
        del request, client_address
        _log.warning("connection_failed", error=type(sys.exc_info()[1]).__name__)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        BaseServer.shutdown(self)  # the class between takes itself off a list it is not on
        self.server_close()
        self._thread.join()
        deadline = time.monotonic() + self._patience
        for association in self.active_associations:
            association.join(max(0.0, deadline - time.monotonic()))
        for association in self.active_associations:
            association.abort()
