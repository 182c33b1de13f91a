"""An association server that starts, ends and closes its sockets in order."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from socketserver import BaseServer
from types import TracebackType
from typing import Any, Final, Self

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from core.sparing_log import SparingLog
from gateway.bounded_socket import BoundedSocket
from gateway.door import CONGESTION, Door, NoRequestError, read_request

Secure = Callable[[socket.socket], socket.socket]
"""Takes a connection that was accepted, whose time-out is set, and gives the one to speak over."""
_LOOK_SECONDS: Final = 0.01
_GRACE_SECONDS: Final = 0.5
"""A caller that ends one association and opens the next at once may be faster than we are."""
_NEGOTIATING: Final = 8
"""Associations that are negotiated at once. The requests of others wait: a flood of them would else
take all of the processor, and the places of those that are let in."""


class TidyHandler(RequestHandler):
    """Serves one connection until its association is negotiated, in a thread of its own.

    The association's socket is really closed at its end, and has a limit.
    """

    server: "TidyServer"
    ahead: bytes
    _handed_over = False

    def setup(self) -> None:
        """Make the connection secure, and read what it asks for."""
        # A client that goes silent, within a handshake or a PDU, must not hold its thread for ever.
        self.request.settimeout(self.server.ae.network_timeout)
        try:
            if self.server.secure is not None:
                self.request = self.server.secure(self.request)
            self.ahead = read_request(self.request)
        except BaseException:
            self.finish()
            raise

    def handle(self) -> None:
        """Negotiate; the association has threads of its own, and goes on when this returns."""
        if not self._finds_place():
            self.server.turned_away.tell(address=self.client_address[0], reason="too many")
            self.request.sendall(CONGESTION)
            return
        with self.server.negotiating:
            association = self._create_association()
            self._handed_over = True
            evt.trigger(association, evt.EVT_CONN_OPEN, {"address": self.client_address})
            association.start()
            while association.is_alive() and not association.is_established:
                association.join(_LOOK_SECONDS)

    def finish(self) -> None:
        """Close the connection, unless an association has it now."""
        if not self._handed_over:
            with contextlib.suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)
            self.request.close()

    def _finds_place(self) -> bool:
        deadline = time.monotonic() + _GRACE_SECONDS
        while self.server.is_full:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def upper_layer(self, association: Association) -> DULServiceProvider:
        """Make what reads and writes an association's PDUs."""
        return DULServiceProvider(association)

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul = self.upper_layer(association)
        association.dul.socket = BoundedSocket(association, self.request, self.ahead)
        # Its setters hand the time-outs on to the new upper layer.
        association.acse_timeout = association.acse_timeout
        association.network_timeout = association.network_timeout
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
        self.door = Door()
        self.negotiating = threading.Semaphore(_NEGOTIATING)
        self.turned_away = SparingLog("association_turned_away")
        self._failed = SparingLog("connection_failed")
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

    @property
    def is_full(self) -> bool:
        """Whether the entity has as many associations as it may, on all of its servers."""
        accepted = [one for one in self.ae.active_associations if one.is_acceptor]
        return len(accepted) >= self.ae.maximum_associations

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, or close it where there is no place; see the base class."""

        def serve() -> None:
            try:
                self.finish_request(request, client_address)
            except (OSError, NoRequestError) as error:
                self._failed.tell(address=client_address[0], error=type(error).__name__)

        if not self.door.admit(request, client_address[0], serve):
            self.turned_away.tell(address=client_address[0], reason="no place at the door")
            request.close()

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
        self.door.close()
        deadline = time.monotonic() + self._patience
        for association in self.active_associations:
            association.join(max(0.0, deadline - time.monotonic()))
        for association in self.active_associations:
            association.abort()
