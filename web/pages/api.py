"""What programs may call: the description of the API, for programs and for people."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from starlette.responses import JSONResponse, Response

from web.access.guard import EVERYBODY, GuardedRouter
from web.access.who import Person
from web.api.description import describe
from web.services import Given

router = GuardedRouter()
DESCRIPTION: Final = "/api/v1/openapi.json"
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_OTHERS: Final = "other"


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Parameters
    ----------
    method, path
        Of it.
    does
        What it does, in words.
    parameters
        Names of those in its address; with a question mark where they may be left out.
    roles
        Who may call it.
    """

    method: str
    path: str
    does: str
    parameters: tuple[str, ...]
    roles: tuple[str, ...]


@router.call(DESCRIPTION, roles=EVERYBODY, tags=["description"])
def description(request: Request) -> JSONResponse:
    """Describe every call, in OpenAPI 3.1."""
    return JSONResponse(_document(request))


@router.page("/api", roles=EVERYBODY)
def show(request: Request, ours: Given, who: Person) -> Response:
    """Show every call, those groups first of which the person may make some."""
    groups = calls(_document(request))
    roles = {role.value for role in who.roles}
    mine = {tag for tag, group in groups.items() if any(roles & {*one.roles} for one in group)}
    return ours.renderer.page(
        request,
        "api.html",
        groups={tag: groups[tag] for tag in sorted(groups, key=lambda tag: (tag not in mine, tag))},
        description=DESCRIPTION,
    )


def _document(request: Request) -> dict[str, Any]:
    """Give the description; made once, since routes never change and it takes a while."""
    state = request.app.state
    if not hasattr(state, "description"):
        state.description = describe(request.app.router.routes)
    found: dict[str, Any] = state.description
    return found


def calls(document: dict[str, Any]) -> dict[str, list[Call]]:
    """Sort the operations of an OpenAPI document by their tags."""
    groups: dict[str, list[Call]] = defaultdict(list)
    for path, operations in sorted(document["paths"].items()):
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                tag = next(iter(operation.get("tags", ())), _OTHERS)
                groups[tag].append(_call(method, path, operation))
    return dict(sorted(groups.items()))


def _call(method: str, path: str, operation: dict[str, Any]) -> Call:
    return Call(
        method=method.upper(),
        path=path,
        does=operation.get("description") or operation.get("summary", ""),
        parameters=tuple(
            one["name"] + ("" if one.get("required") else "?")
            for one in operation.get("parameters", ())
            if one["in"] == "query"
        ),
        roles=tuple(operation["x-roles"]),
    )
