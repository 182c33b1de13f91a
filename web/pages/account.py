"""One's own account: password, sessions elsewhere, tokens for programs."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from core.accounts import SignInWay
from core.errors import WrongArgumentError
from db.accounts import set_password
from db.api_tokens import USUAL_DAYS, make_token, revoke_token, tokens_of
from db.models import Account
from db.passwords import hash_password
from db.sign_in_attempts import TooManyAttemptsError
from db.sign_ins import SignInLimits, begin_sign_in, end_all_sign_ins, sign_ins_of
from web.access.address import client_address
from web.access.guard import EVERYBODY, GuardedRouter
from web.access.password_queue import PERSONS
from web.access.proof import account_still_in, prove
from web.access.refusals import NotAllowedError, NotProvedError
from web.access.sessions import set_cookie
from web.access.who import Person, Who
from web.numbers import RowNumber
from web.services import Given, Services

router = GuardedRouter()
_Text = Annotated[str, Form()]
_HERE = "/account"


@router.page(_HERE, roles=EVERYBODY)
def show(request: Request, ours: Given, who: Person) -> Response:
    """Show the account."""
    return _page(request, ours, who)


@router.page("/unlocked", roles=EVERYBODY)
def unlocked(request: Request, ours: Given) -> Response:
    """Say that a page in another tab is open again."""
    return ours.renderer.page(request, "access/unlocked.html")


@router.page(
    "/account/password", roles=EVERYBODY, methods=["POST"], dependencies=PERSONS.dependencies
)
def change_password(
    request: Request,
    ours: Given,
    who: Person,
    *,
    old: _Text = "",
    new: _Text = "",
    again: _Text = "",
) -> Response:
    """Set a password, and go on in a new session; all others end."""
    address = client_address(request)
    if new != again:
        return _page(request, ours, who, refusal="the two new passwords are not the same")
    try:
        hashed = hash_password(new)
        if who.has_password:
            prove(ours, who, old, address)
        elif who.way is not SignInWay.LINK:
            message = "a first password is set after signing in by a link"
            raise NotAllowedError(message)
        with ours.db.write() as session:
            account = account_still_in(session, who)
            set_password(session, account, hashed, actor=who.name)
            token = begin_sign_in(session, account, SignInWay.PASSWORD, address)
    except (WrongArgumentError, NotProvedError, TooManyAttemptsError) as error:
        return _page(request, ours, who, refusal=str(error))
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    set_cookie(answer, token)
    return answer


@router.page("/account/sessions/end", roles=EVERYBODY, methods=["POST"])
def end_others(ours: Given, who: Person) -> Response:
    """End all sessions but this one."""
    with ours.db.write() as session:
        end_all_sign_ins(session, who.account_id, besides=who.sign_in_id)
    return RedirectResponse(_HERE, HTTPStatus.SEE_OTHER)


@router.page(
    "/account/tokens", roles=EVERYBODY, methods=["POST"], dependencies=PERSONS.dependencies
)
def add_token(
    request: Request,
    ours: Given,
    who: Person,
    *,
    label: _Text = "",
    days: Annotated[int, Form()] = USUAL_DAYS,
    password: _Text = "",
) -> Response:
    """Make a token for a program, and show it once."""
    try:
        prove(ours, who, password, client_address(request))
        with ours.db.write() as session:
            account = account_still_in(session, who)
            token = make_token(session, account, label, days=days, actor=who.name)
    except (WrongArgumentError, NotProvedError, TooManyAttemptsError) as error:
        return _page(request, ours, who, refusal=str(error))
    return _page(request, ours, who, token=token)


@router.page("/account/tokens/{number}/revoke", roles=EVERYBODY, methods=["POST"])
def take_token(ours: Given, who: Person, number: RowNumber) -> Response:
    """Make one of one's tokens useless."""
    with ours.db.write() as session:
        revoke_token(session, number, account_id=who.account_id, actor=who.name)
    return RedirectResponse(_HERE, HTTPStatus.SEE_OTHER)


def _page(
    request: Request, ours: Services, who: Who, *, refusal: str = "", token: str = ""
) -> Response:
    limits = SignInLimits.of(ours.settings.web)
    with ours.db.read() as session:
        return ours.renderer.page(
            request,
            "access/account.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
            account=session.get_one(Account, who.account_id),
            sessions=sign_ins_of(session, who.account_id, limits),
            tokens=tokens_of(session, who.account_id),
            refusal=refusal,
            token=token,
            days=USUAL_DAYS,
        )
