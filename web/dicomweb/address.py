"""Where our DICOMweb services are, as a client calls them."""

from typing import Final

from fastapi import Request
from starlette.datastructures import URL

from web.services import Services

ROOT: Final = "/dicom-web"


_USUAL_PORTS: Final = {"http": 80, "https": 443}


def studies_address(request: Request, ours: Services) -> str:
    """Give the absolute URL of the studies, by which answers name what can be retrieved.

    It is the site's public address where one is set, else what the client itself called.
    """
    public = ours.settings.web.public_url
    base = str(_called(request) if public is None else public).rstrip("/")
    return f"{base}{ROOT}/studies"


def _called(request: Request) -> URL:
    """Give what a client called; dicomweb-client 0.61 leaves the port out of its Host header."""
    called = request.base_url
    _host, port = request.scope.get("server") or (None, None)
    if called.port is None and port not in {None, _USUAL_PORTS.get(called.scheme)}:
        return called.replace(port=port)
    return called
