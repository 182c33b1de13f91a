"""From the cookie or the token of a request to the person behind it."""

from typing import Final

from fastapi import Request, Response

from core.accounts import AccountRole
from db.sign_ins import SignInLimits, find_sign_in
from web.access.csrf import csrf_token
from web.access.refusals import LockedError, NotSignedInError
from web.access.who import Who
from web.services import services

COOKIE: Final = "__Host-firstread"
"""The prefix binds it to this host, to TLS and to every path (RFC 6265bis section 4.1.3)."""


def session_of(request: Request, *, while_locked: bool, programs: bool) -> Who:
    """Find out who asks.

    Raises
    ------
    NotSignedInError
        If nobody is known.
    LockedError
        If the session's screen is locked, and the route does not work then.
    """
    del programs
    token = request.cookies.get(COOKIE, "")
    ours = services(request)
    web = ours.settings.web
    found = find_sign_in(ours.db, token, SignInLimits.of(web)) if token else None
    if found is None:
        message = "nobody is signed in"
        raise NotSignedInError(message)
    if found.locked and not while_locked:
        message = "the screen is locked"
        raise LockedError(message)
    return Who(
        account_id=found.account_id,
        name=found.name,
        person_name=found.person_name,
        roles=frozenset(AccountRole(role) for role in found.roles),
        sign_in_id=found.sign_in_id,
        proved_at=found.proved_at,
        csrf_token=csrf_token(token),
    )


def set_cookie(response: Response, token: str) -> None:
    """Give a browser its session."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")


def clear_cookie(response: Response) -> None:
    """Take a browser's session away."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
