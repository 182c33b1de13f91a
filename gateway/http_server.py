"""Runs an ASGI application on a port of its own, in a thread of this process.

Each connection serves one request and is closed, and one that asks for nothing in time is closed
too: a client that is slow, silent or gone holds nothing for long.
"""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.errors import SettingsError

_LARGEST_HEAD: Final = 16 << 10
_HEAD_SECONDS: Final = 15.0
"""What a client has to send a request's line and headers."""
_BACKLOG: Final = 128
_PATIENCE_SECONDS: Final = 5


class HeadProtocol(H11Protocol):
    """HTTP/1.1 with a limit on the time until the first request's headers are there."""

    head_seconds = _HEAD_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; its clock begins."""
        super().connection_made(transport)
        self._clock = self.loop.call_later(self.head_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        self._clock.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        if getattr(self, "cycle", None) is None:  # it is, before a request, whatever its type says
            self.transport.close()


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
