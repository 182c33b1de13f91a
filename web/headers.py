"""The headers of every answer: what a browser may do with it.

Content Security Policy Level 3: nothing but our own scripts, styles and pictures; no inline
script, no frame around us, no form to elsewhere. Answers hold patient data, so nothing is kept.
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SOURCES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY: Final = "; ".join(f"{what} {whence}" for what, whence in _SOURCES.items())
_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    # With "no-referrer" a browser hides its origin from our own forms as well, as "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}
_DEFAULT_CACHE: Final = "no-store"
_TLS_ALONE: Final = {"strict-transport-security": "max-age=31536000"}
"""RFC 6797: whoever came over TLS once comes so for a year."""


class SafeHeaders:
    """Adds the headers; an ASGI middleware.

    Parameters
    ----------
    application
        What answers.
    over_tls
        Whether browsers reach it over TLS, and are to come by nothing else any more.
    """

    def __init__(self, application: ASGIApp, *, over_tls: bool) -> None:
        self._application = application
        self._headers = _HEADERS | (_TLS_ALONE if over_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("cache-control", _DEFAULT_CACHE)
            await send(message)

        await self._application(scope, receive, with_headers)
