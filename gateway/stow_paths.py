"""The ways in which clients write one and the same path of the HTTP door."""

from starlette.types import ASGIApp, Receive, Scope, Send


class PlainPaths:
    """Gives an application each path plainly: without scheme, host and closing slash.

    A request line may bear the whole address (RFC 9112 section 3.2.2), and a closing slash, which
    some clients add, would else be answered with a redirect, that is after a body was sent.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            scope = {**scope, "path": plain(scope["path"])}
        await self._app(scope, receive, send)


def plain(path: str) -> str:
    """Give a path without scheme and host, and without the slash at its end."""
    scheme, separator, rest = path.partition("://")
    if separator and scheme.lower() in {"http", "https"}:
        path = "/" + rest.partition("/")[2]
    return path.removesuffix("/") or "/"
