"""What no request gets past: another site's name for us, and a body without end.

A page elsewhere can have its own name resolve to our address (DNS rebinding); its requests then
bear that name as their host, which is none of ours. An address as the host cannot be rebound.
"""

import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.web_settings import WebSettings

LONGEST_BODY: Final = 2 * 1024 * 1024
"""Bytes; no page or call of ours takes more."""


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
        await self._application(scope, _bounded(receive), send)

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


def _bounded(receive: Receive) -> Receive:
    """End a body that does not say its length, and is too long, as a connection that broke."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > LONGEST_BODY:
                return {"type": "http.disconnect"}
        return message

    return bounded
