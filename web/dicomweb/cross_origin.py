"""Lets viewers of other origins use DICOMweb, where the settings name them (Fetch Standard, CORS).

They come with a token: cookies of persons' sessions are never sent along (`SameSite`), nor is it
said that they might be.
"""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.dicomweb.address import ROOT

_METHODS: Final = "GET, HEAD"
_HEADERS: Final = "authorization, accept, content-type"
_EXPOSED: Final = "content-type, content-location, warning"
_KEPT_SECONDS: Final = "600"


class CrossOrigin:
    """Adds the headers to answers below `/dicom-web`; an ASGI middleware.

    Parameters
    ----------
    application
        What answers.
    origins
        Who may read the answers, such as `https://viewer.hospital.example`; nobody where empty.
    """

    def __init__(self, application: ASGIApp, origins: Sequence[str]) -> None:
        self._application = application
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not self._origins or not path.startswith(f"{ROOT}/"):
            await self._application(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self._preflight(origin)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.add_vary_header("origin")
                if origin in self._origins:
                    answered["access-control-allow-origin"] = origin
                    answered["access-control-expose-headers"] = _EXPOSED
            await send(message)

        await self._application(scope, receive, with_headers)

    def _preflight(self, origin: str) -> Response:
        response = Response(status_code=204)
        response.headers["vary"] = "origin"
        if origin in self._origins:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-allow-methods"] = _METHODS
            response.headers["access-control-allow-headers"] = _HEADERS
            response.headers["access-control-max-age"] = _KEPT_SECONDS
        return response
