"""Signing in with a name and a password, by a link that is good once, and signing out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from core.accounts import SignInWay
from db.accounts import NoSuchAccountError, account_named, unchanged_account
from db.engine import Database
from db.models import Account
from db.one_time_links import LINK_PATH, use_link
from db.sign_in_attempts import TooManyAttemptsError
from db.sign_ins import begin_sign_in, end_sign_in
from web.access.address import client_address
from web.access.guard import EVERYBODY, PUBLIC, GuardedRouter
from web.access.onward import onward
from web.access.password_queue import STRANGERS
from web.access.proof import right_password
from web.access.refusals import NotSignedInError
from web.access.sessions import clear_cookie, mark_left, session_of, set_cookie
from web.access.who import Person
from web.services import Given, Services

router = GuardedRouter()
_Text = Annotated[str, Form()]


@router.page("/sign-in", roles=PUBLIC)
def show(request: Request, ours: Given, next: str = "/") -> Response:  # noqa: A002 - its name there
    """Show the form; who is signed in goes on."""
    try:
        session_of(request, while_locked=True, programs=False)
    except NotSignedInError:
        return _form(request, ours, onward(next))
    return RedirectResponse(onward(next), HTTPStatus.SEE_OTHER)


@router.page("/sign-in", roles=PUBLIC, methods=["POST"], dependencies=STRANGERS.dependencies)
def sign_in(
    request: Request,
    ours: Given,
    name: _Text = "",
    password: _Text = "",
    next: _Text = "/",  # noqa: A002 - as above
) -> Response:
    """Begin a session, or say no in words that do not tell whether there is such a name."""
    typed, address = name.strip().lower(), client_address(request)
    account = _account(ours.db, typed)
    try:
        proved = right_password(ours.db, account, typed, password, address)
    except TooManyAttemptsError as error:
        return _form(request, ours, onward(next), wait=error.seconds)
    token = None
    if account is not None and proved is not None:
        with ours.db.write() as session:
            known = unchanged_account(session, account.id, proved)
            if known is not None:
                token = begin_sign_in(session, known, SignInWay.PASSWORD, address)
    if token is None:
        return _form(request, ours, onward(next), wrong=True)
    return _let_in(token, onward(next))


@router.page(LINK_PATH, roles=PUBLIC)
def show_link(request: Request, ours: Given, token: str = "", next: str = "/") -> Response:  # noqa: A002 - as above; no password
    """Ask before a link is used: programs that look at links for people must not use it up."""
    return ours.renderer.page(
        request, "access/link.html", token=token, onward=onward(next), refused=False
    )


@router.page(LINK_PATH, roles=PUBLIC, methods=["POST"])
def use(request: Request, ours: Given, token: _Text = "", next: _Text = "/") -> Response:  # noqa: A002 - as above
    """Use the link."""
    with ours.db.write() as session:
        account = use_link(session, token)
        begun = (
            begin_sign_in(session, account, SignInWay.LINK, client_address(request))
            if account is not None
            else None
        )
    if begun is None:
        return ours.renderer.page(
            request, "access/link.html", status=403, token="", onward="/", refused=True
        )
    return _let_in(begun, onward(next))


@router.page("/sign-out", roles=EVERYBODY, methods=["POST"], while_locked=True)
def sign_out(ours: Given, who: Person) -> Response:
    """End the session; the browser forgets what it kept of us."""
    if who.sign_in_id is not None:
        with ours.db.write() as session:
            end_sign_in(session, who.sign_in_id, actor=who.name)
    answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    clear_cookie(answer)
    # The provider's memory opens nothing that is older anyway.
    mark_left(answer, ours.settings.web.idle_minutes)
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def _account(db: Database, name: str) -> Account | None:
    with db.read() as session:
        try:
            return account_named(session, name)
        except NoSuchAccountError:
            return None


def _form(
    request: Request, ours: Services, onward: str, *, wrong: bool = False, wait: int = 0
) -> Response:
    status = HTTPStatus.TOO_MANY_REQUESTS if wait else HTTPStatus.OK
    answer = ours.renderer.page(
        request,
        "sign_in.html",
        status=HTTPStatus.FORBIDDEN if wrong else status,
        onward=onward,
        wrong=wrong,
        wait=wait,
        provider=ours.settings.web.oidc.issuer is not None,
    )
    if wait:
        answer.headers["retry-after"] = str(wait)
    return answer


def _let_in(token: str, onward: str) -> Response:
    answer = RedirectResponse(onward, HTTPStatus.SEE_OTHER)
    set_cookie(answer, token)
    return answer
