"""What no request gets past: another site's name for us, and bodies without end.

A page elsewhere can have its own name resolve to our address (DNS rebinding); its requests then
bear that name as their host, which is none of ours. An address as the host cannot be rebound.

Bodies are read whole before anybody is asked who he is, so that all of them together have a limit.
"""

import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.web_settings import WebSettings

LONGEST_BODY: Final = 2 * 1024 * 1024
"""Bytes; no page or call of ours takes more."""
_MOST_UNDER_WAY: Final = 64 * 1024 * 1024
"""Bytes of all bodies whose requests are not answered yet, but for the beginning of each."""
_BEGINNING: Final = 64 * 1024
"""Bytes of a body that always come in: nobody's long bodies keep others from signing in."""


def our_names(settings: WebSettings) -> frozenset[str]:
    """Give the names by which browsers may call us."""
    public = settings.public_url
    names = {"localhost", socket.gethostname(), settings.host, (public and public.host) or ""}
    return frozenset(name.lower() for name in names if name)


class Doorway:
    """Lets requests for us in; an ASGI middleware.

    Parameters
    ----------
    application
        What answers.
    names
        By which we may be called, beside addresses.
    """

    def __init__(self, application: ASGIApp, names: Collection[str]) -> None:
        self._application = application
        self._names = names
        self._bodies = _Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._is_ours(headers.get("host", "")):
            answer = PlainTextResponse("this is no name of this service (web.public_url)", 421)
            await answer(scope, receive, send)
            return
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            await PlainTextResponse("too much at once", 413)(scope, receive, send)
            return
        body = _Body(self._bodies, receive, send)
        try:
            await self._application(scope, body.receive, body.send)
        finally:
            self._bodies.held -= body.held
        if body.refusal is not None and not body.answered:
            await body.refusal(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        name = _without_port(host).rstrip(".").lower()
        return name in self._names or _is_address(name)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class _Bodies:
    """What is held of all bodies together."""

    def __init__(self) -> None:
        self.held = 0


class _Body:
    """One request's body as it comes; ended as a connection that broke once there is too much.

    Attributes
    ----------
    held
        Bytes that count in the sum of all.
    refusal
        What is answered in the application's place.
    answered
        Whether the application's own answer began.
    """

    def __init__(self, bodies: _Bodies, receive: Receive, send: Send) -> None:
        self._bodies = bodies
        self._receive = receive
        self._send = send
        self._taken = 0
        self.held = 0
        self.refusal: Response | None = None
        self.answered = False

    async def receive(self) -> Message:
        """Give the next part."""
        message = await self._receive()
        if message["type"] == "http.request" and self.refusal is None:
            self._take(len(message.get("body", b"")))
        return message if self.refusal is None else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass an answer on that is not refused."""
        if self.refusal is None or self.answered:
            self.answered = True
            await self._send(message)

    def _take(self, size: int) -> None:
        self._taken += size
        more = max(0, self._taken - _BEGINNING) - self.held
        if self._taken > LONGEST_BODY:
            self.refusal = PlainTextResponse("too much at once", 413)
        elif self._bodies.held + more > _MOST_UNDER_WAY:
            self.refusal = PlainTextResponse("too much from all at once", 503, {"retry-after": "5"})
        else:
            self.held += more
            self._bodies.held += more
