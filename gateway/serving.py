"""An association server that starts, ends and closes its sockets in order."""

import threading
import time
from socketserver import BaseServer
from types import TracebackType
from typing import ClassVar, Self

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from gateway.sockets import TidySocket


class TidyHandler(RequestHandler):
    """Gives each association of a server a socket that is really closed, and that has a limit."""

    socket_class: ClassVar[type[AssociationSocket]] = TidySocket

    def _create_association(self) -> Association:
        association = super()._create_association()
        # A client that goes silent within a PDU must not hold its thread for ever.
        self.request.settimeout(self.server.ae.network_timeout)
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
    ) -> None:
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
