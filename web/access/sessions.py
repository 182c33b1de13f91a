"""From the cookie or the token of a request to the person behind it."""

from typing import Final

from fastapi import Request, Response

from core.accounts import AccountRole
from db.api_tokens import find_token
from db.sign_ins import SignInLimits, find_sign_in, goes_on
from web.access.csrf import csrf_token
from web.access.refusals import LockedError, NotSignedInError
from web.access.who import Who
from web.services import Services, services

COOKIE: Final = "__Host-firstread"
"""The prefix binds it to this host, to TLS and to every path (RFC 6265bis section 4.1.3)."""
LEFT_COOKIE: Final = "__Host-firstread-left"
"""Says for a while that somebody signed out here: the identity provider asks anew who is there."""
_BEARER: Final = "bearer "


def session_of(request: Request, *, while_locked: bool, programs: bool) -> Who:
    """Find out who asks.

    Parameters
    ----------
    request
        With the session's cookie, or a program's token (RFC 6750 section 2.1).
    while_locked
        Whether the route works in a session whose screen is locked.
    programs
        Whether a program with a token may use it.

    Raises
    ------
    NotSignedInError
        If nobody is known.
    LockedError
        If the session's screen is locked, and the route does not work then.
    """
    authorization = request.headers.get("authorization", "")
    if programs and authorization:
        return _program(request, authorization)
    token = request.cookies.get(COOKIE, "")
    ours = services(request)
    limits = SignInLimits.of(ours.settings.web)
    # A page that asks for news by itself is no sign of a person.
    used = request.headers.get("sec-fetch-mode") == "navigate"
    found = find_sign_in(ours.db, token, limits, used=used) if token else None
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
        way=found.way,
        locked=found.locked,
        has_password=found.has_password,
    )


def still_in(ours: Services, who: Who) -> bool:
    """Tell whether a person's session goes on with an open screen.

    A stream of news asks it from time to time, and ends where it does not; a program's stream goes
    on as long as its token does for other calls.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    if who.sign_in_id is None:
        return True
    with ours.db.read() as session:
        return goes_on(session, who.sign_in_id, SignInLimits.of(ours.settings.web))


def was_left(request: Request) -> bool:
    """Tell whether a person left this browser: by a locked screen, or by signing out of late."""
    if LEFT_COOKIE in request.cookies:
        return True
    try:
        return session_of(request, while_locked=True, programs=False).locked
    except NotSignedInError:
        return False


def mark_left(response: Response, minutes: float) -> None:
    """Note in a browser that its person signed out."""
    response.set_cookie(
        LEFT_COOKIE,
        "1",
        round(minutes * 60),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def set_cookie(response: Response, token: str) -> None:
    """Give a browser its session."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")


def clear_cookie(response: Response) -> None:
    """Take a browser's session away."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def _program(request: Request, authorization: str) -> Who:
    token = authorization[len(_BEARER) :].strip()
    known = authorization.lower().startswith(_BEARER)
    found = find_token(services(request).db, token) if known else None
    if found is None:
        message = "no such token, or no longer"
        raise NotSignedInError(message)
    return Who(
        account_id=found.account_id,
        name=found.name,
        person_name=found.person_name,
        roles=frozenset(AccountRole(role) for role in found.roles),
        sign_in_id=None,
        proved_at=found.made_at,
        csrf_token="",
    )
