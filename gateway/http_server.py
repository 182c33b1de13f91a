"""Runs an ASGI application on a port of its own, in a thread of this process.

Each connection serves one request and is closed, and one that asks for nothing in time is closed
too: a client that is slow, silent or gone holds nothing for long. Where all places are taken, the
newest comes in at the cost of the oldest of those that have asked for nothing yet, of whichever
address holds the most of them; as at the DICOM door (`gateway.door`).
"""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.crowd import first_to_go
from core.errors import SettingsError
from core.sparing_log import SparingLog

_LARGEST_HEAD: Final = 16 << 10
_HEAD_SECONDS: Final = 5.0
"""What a client has to send a request's line and headers."""
_BACKLOG: Final = 128
_PATIENCE_SECONDS: Final = 5


_sent_away = SparingLog("http_visitor_sent_away")


class HeadProtocol(H11Protocol):
    """HTTP/1.1 with limits on those that have not sent a request's headers.

    They have some seconds for it, and less where their places are needed. With the headers comes
    the token: who goes on from there is known, or was answered and is gone.
    """

    head_seconds = _HEAD_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; its clock begins."""
        super().connection_made(transport)
        self.came_at = self.loop.time()
        self._clock = self.loop.call_later(self.head_seconds, self._look)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        self._clock.cancel()
        super().connection_lost(exc)

    @property
    def asked(self) -> bool:
        """Whether the headers of its request are there."""
        return getattr(self, "cycle", None) is not None  # it is None before a request

    @property
    def address(self) -> str:
        """Where it comes from."""
        return self.client[0] if self.client else ""

    def _look(self) -> None:
        if not self.asked:
            self.transport.close()

    def _make_room(self) -> None:
        """Cut a connection where this one would be answered 503."""
        if self.limit_concurrency is None or len(self.connections) < self.limit_concurrency:
            return
        others = [
            one
            for one in self.connections
            if isinstance(one, HeadProtocol) and one is not self and not one.asked
        ]
        if not others:
            return
        others.sort(key=lambda one: one.came_at)
        oldest = first_to_go(others, lambda one: one.address)
        _sent_away.tell(address=oldest.address)
        self.connections.discard(oldest)  # by itself it leaves in the loop's next turn only
        oldest.transport.abort()


class HttpServer:
    """A server in a thread; a context manager.

    Parameters
    ----------
    application
        What answers.
    host, port
        Where to listen; port 0 takes a free one.
    most_connections
        More are answered 503.
    """

    def __init__(self, application: ASGIApp, host: str, port: int, most_connections: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,
                http=HeadProtocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                headers=[("connection", "close")],
                limit_concurrency=most_connections,
                timeout_graceful_shutdown=_PATIENCE_SECONDS,
                h11_max_incomplete_event_size=_LARGEST_HEAD,
            )
        )
        self._thread = threading.Thread(target=self._run, name="http-server", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on, known once it is entered."""
        if self._socket is None:
            message = "the server is not open"
            raise RuntimeError(message)
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        """Listen.

        Raises
        ------
        SettingsError
            If the port cannot be listened on.
        """
        host, port = self._address
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server(
                (host, port), family=family, backlog=_BACKLOG, reuse_port=False
            )
        except OSError as error:
            message = f"cannot listen on {host}:{port}: {error.strerror}"
            raise SettingsError(message) from error
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _run(self) -> None:
        self._server.run([self._socket] if self._socket is not None else None)
