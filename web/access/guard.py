"""Deny by default: every route says who may use it, and nobody else gets in.

A route is added through `GuardedRouter` alone, which takes its roles as an argument that has no
default; an application with a route that says nothing is not built (`web.application`).
"""

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.params import Depends as Dependency
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from core.accounts import AccountRole
from web.access.csrf import check_csrf, check_same_site
from web.access.refusals import NotAllowedError
from web.access.sessions import session_of

EVERYBODY: Final = frozenset(AccountRole)
"""Whoever is signed in."""
PUBLIC: Final = None
"""Whoever can reach the port, signed in or not."""

Roles = Collection[AccountRole] | None
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Lets a request in, or not; the dependency of every route.

    Parameters
    ----------
    roles
        Who may use the route.
    while_locked
        Whether it works in a session whose screen is locked, as unlocking itself must.
    programs
        Whether a program with a token may use it, in the place of a person at a browser.
    """

    def __init__(self, roles: Roles, *, while_locked: bool, programs: bool) -> None:
        self.roles = None if roles is None else frozenset(roles)
        self.while_locked = while_locked
        self.programs = programs

    async def __call__(self, request: Request) -> None:
        """Find out who asks, and let in whom the route names.

        Raises
        ------
        NotSignedInError, LockedError, NotAllowedError
            If the person is unknown, has to unlock the screen first, or has none of the roles; or
            if a change comes from another site.
        """
        changes = request.method not in _SAFE
        if self.roles is None:
            if changes:
                check_same_site(request)
            return
        who = await run_in_threadpool(
            session_of, request, while_locked=self.while_locked, programs=self.programs
        )
        request.state.who = who
        if changes and who.sign_in_id is not None:
            await check_csrf(request, who.csrf_token)
        if not who.may(*self.roles):
            raise NotAllowedError(request.url.path)


class GuardedRouter(APIRouter):
    """A router whose routes say who may use them."""

    def page(
        self,
        path: str,
        *,
        roles: Roles,
        methods: Collection[str] = ("GET",),
        while_locked: bool = False,
        **options: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare an endpoint for browsers, which stands in no description of the API."""
        guard = Guard(roles, while_locked=while_locked, programs=False)
        return self._declared(path, guard, methods, include_in_schema=False, **options)

    def call(
        self,
        path: str,
        *,
        roles: Roles,
        methods: Collection[str] = ("GET",),
        tags: list[str | Enum] | None = None,
        while_locked: bool = False,
        **options: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare an endpoint of the JSON API or of DICOMweb, for programs and for our pages."""
        guard = Guard(roles, while_locked=while_locked, programs=True)
        return self._declared(path, guard, methods, tags=tags, **options)

    def _declared(
        self,
        path: str,
        guard: Guard,
        methods: Collection[str],
        *,
        dependencies: Sequence[Dependency] = (),
        **options: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self.api_route(
            path, methods=list(methods), dependencies=[Depends(guard), *dependencies], **options
        )


def guard_of(route: BaseRoute) -> Guard | None:
    """Give the guard of a route; None where it has none."""
    for dependency in getattr(route, "dependencies", ()):
        if isinstance(dependency.dependency, Guard):
            return dependency.dependency
    return None
