"""Signing in at the hospital's identity provider, and proving once more who one is."""

import hmac
import json
import secrets
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from core.accounts import SignInWay
from db.provider_accounts import provider_account
from db.sign_ins import begin_sign_in, prove_sign_in
from web.access.address import client_address
from web.access.guard import EVERYBODY, PUBLIC, GuardedRouter
from web.access.onward import onward
from web.access.password_queue import VISITORS
from web.access.proof import PROOF_PATH, account_still_in
from web.access.provider import Provider, ProviderRefusedError, Visit
from web.access.refusals import NoSuchThingError, NotAllowedError
from web.access.sessions import LEFT_COOKIE, session_of, set_cookie, was_left
from web.access.vouched import Vouched
from web.services import Given, Services

router = GuardedRouter()
COOKIE: Final = "__Host-firstread-provider"
"""What ties the way back to the browser that went there; of no use to anybody else."""
_CALLBACK: Final = "/sign-in/provider/back"
_SECONDS: Final = 600
_TOKEN_BYTES: Final = 32


@router.page("/sign-in/provider", roles=PUBLIC, dependencies=VISITORS.dependencies)
def go(request: Request, ours: Given, next: str = "/") -> Response:  # noqa: A002 - its name there
    """Go to the provider, which asks who is there where somebody left this browser."""
    return _go(request, ours, onward(next), again=False, anew=was_left(request))


@router.page(PROOF_PATH, roles=EVERYBODY, while_locked=True, dependencies=VISITORS.dependencies)
def go_again(request: Request, ours: Given, next: str = "/") -> Response:  # noqa: A002 - as above
    """Go to the provider to prove once more who one is; a locked screen opens by it."""
    return _go(request, ours, onward(next), again=True, anew=True)


@router.page(_CALLBACK, roles=PUBLIC, dependencies=VISITORS.dependencies)
def back(
    request: Request, ours: Given, state: str = "", code: str = "", error: str = ""
) -> Response:
    """Come back from the provider."""
    provider = _provider(ours)
    visit, again, wanted = _visit(request, ours)
    if not hmac.compare_digest(state.encode(), visit.state.encode()):
        message = "this way back is of another visit: begin again"
        raise NotAllowedError(message)
    if error or not code:
        message = "the identity provider did not let you in"
        raise ProviderRefusedError(message)
    claims = provider.end(visit, code)
    vouched = Vouched.of(claims, ours.settings.web.oidc)
    answer = RedirectResponse(wanted, HTTPStatus.SEE_OTHER)
    if again:
        _prove(request, ours, vouched)
    else:
        set_cookie(answer, _begin(request, ours, vouched))
    for name in (COOKIE, LEFT_COOKIE):
        answer.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _begin(request: Request, ours: Services, vouched: Vouched) -> str:
    token = None
    with ours.db.write() as session:
        account = provider_account(
            session,
            vouched.issuer,
            vouched.subject,
            name=vouched.name,
            person=vouched.person_name,
            roles=vouched.roles,
        )
        if account is not None:
            token = begin_sign_in(
                session,
                account,
                SignInWay.OIDC,
                client_address(request),
                proved_at=vouched.proved_at,
            )
    if token is None:
        message = "the identity provider knows you, but nobody gave you a role here"
        raise ProviderRefusedError(message)
    return token


def _prove(request: Request, ours: Services, vouched: Vouched) -> None:
    who = session_of(request, while_locked=True, programs=False)
    with ours.db.write() as session:
        account = account_still_in(session, who)
        same = (account.issuer, account.subject) == (vouched.issuer, vouched.subject)
        if same and who.sign_in_id is not None:
            prove_sign_in(session, who.sign_in_id)
    if not same:
        message = "the identity provider knows you as somebody else"
        raise ProviderRefusedError(message)


def _go(request: Request, ours: Services, wanted: str, *, again: bool, anew: bool) -> Response:
    state, nonce, verifier = (secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(3))
    visit = Visit(_back_to(request, ours), state, nonce, verifier, _oldest(ours, anew=anew))
    answer = RedirectResponse(_provider(ours).begin(visit), HTTPStatus.SEE_OTHER)
    kept = json.dumps([state, nonce, verifier, again, anew, wanted]).encode().hex()
    answer.set_cookie(COOKIE, kept, _SECONDS, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _visit(request: Request, ours: Services) -> tuple[Visit, bool, str]:
    try:
        kept = json.loads(bytes.fromhex(request.cookies.get(COOKIE, "")))
        state, nonce, verifier, again, anew, wanted = kept
        whole = all(isinstance(one, str) and one for one in (state, nonce, verifier, wanted))
    except (ValueError, TypeError):
        whole = False
    if not whole:
        message = "this browser did not go to the identity provider lately: begin again"
        raise NotAllowedError(message)
    oldest = _oldest(ours, anew=bool(anew))
    visit = Visit(_back_to(request, ours), state, nonce, verifier, oldest)
    return visit, bool(again), onward(wanted)


def _oldest(ours: Services, *, anew: bool) -> int:
    """Give how many seconds old a proof may be: no older than a screen stays open."""
    return 0 if anew else round(ours.settings.web.idle_minutes * 60)


def _back_to(request: Request, ours: Services) -> str:
    web = ours.settings.web
    if web.public_url is not None:
        return web.browser_url() + _CALLBACK
    # Its host is one of ours: `web.access.doorway` let it pass.
    return f"{request.url.scheme}://{request.headers['host']}{_CALLBACK}"


def _provider(ours: Services) -> Provider:
    if ours.provider is None:
        message = "no identity provider is set (web.oidc)"
        raise NoSuchThingError(message)
    return ours.provider
