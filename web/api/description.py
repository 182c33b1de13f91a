"""The description of every call, in the words of OpenAPI 3.1."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from web.access.guard import guard_of
from web.access.sessions import COOKIE

_VERSION: Final = "3.1.0"
_SCHEMES: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that a person made, or an administrator; it may what that may.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A person's session in a browser; a change also needs X-CSRF-Token.",
    },
}
_ABOUT: Final = (
    "Calls of FirstRead's reading room, and DICOMweb (PS3.18). Errors are problems (RFC 9457). "
    "Every text of a model, and every value of a header, is untrusted."
)
_PROBLEM: Final = {
    "description": "A problem (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}


def describe(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Describe every call among routes.

    Parameters
    ----------
    routes
        Of the application; pages are left out.

    Returns
    -------
    dict
        An OpenAPI document. Each operation names the roles that may call it in `x-roles`.
    """
    calls = [route for route in routes if isinstance(route, APIRoute) and _is_call(route)]
    document = get_openapi(
        title="FirstRead",
        version=version("firstread"),
        openapi_version=_VERSION,
        description=_ABOUT,
        routes=calls,
    )
    document["components"] = {**document.get("components", {}), "securitySchemes": _SCHEMES}
    for route in calls:
        guard = guard_of(route)
        if guard is None:
            continue
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            operation["x-roles"] = sorted(role.value for role in guard.roles or ())
            operation["security"] = [{"token": []}, {"session": []}]
            # Ours are problems, and never FastAPI's own.
            for status in [status for status in operation["responses"] if status == "422"]:
                del operation["responses"][status]
            operation["responses"]["default"] = _PROBLEM
    return document


def _is_call(route: APIRoute) -> bool:
    guard = guard_of(route)
    return guard is not None and guard.programs and route.include_in_schema
