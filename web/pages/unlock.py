"""Unlocking the screen where no page of ours is open any more to do it on top of itself."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from db.models import Account
from db.sign_in_attempts import TooManyAttemptsError
from web.access.address import client_address
from web.access.guard import EVERYBODY, GuardedRouter
from web.access.onward import onward
from web.access.password_queue import PERSONS
from web.access.proof import prove
from web.access.refusals import NotProvedError
from web.access.who import Person, Who
from web.services import Given, Services

router = GuardedRouter()
_Text = Annotated[str, Form()]


@router.page("/unlock", roles=EVERYBODY, while_locked=True)
def show(request: Request, ours: Given, who: Person, next: str = "/") -> Response:  # noqa: A002 - its name there
    """Show the form; where the screen is open, go on."""
    if not who.locked:
        return RedirectResponse(onward(next), HTTPStatus.SEE_OTHER)
    return _form(request, ours, who, onward(next), "")


@router.page(
    "/unlock",
    roles=EVERYBODY,
    methods=["POST"],
    while_locked=True,
    dependencies=PERSONS.dependencies,
)
def unlock(
    request: Request,
    ours: Given,
    who: Person,
    password: _Text = "",
    next: _Text = "/",  # noqa: A002 - as above
) -> Response:
    """Open the screen, and go back to where one was."""
    try:
        prove(ours, who, password, client_address(request))
    except (NotProvedError, TooManyAttemptsError) as error:
        return _form(request, ours, who, onward(next), str(error))
    return RedirectResponse(onward(next), HTTPStatus.SEE_OTHER)


def _form(request: Request, ours: Services, who: Who, onward: str, refusal: str) -> Response:
    with ours.db.read() as session:
        account = session.get_one(Account, who.account_id)
    return ours.renderer.page(
        request,
        "access/unlock.html",
        status=HTTPStatus.FORBIDDEN if refusal else HTTPStatus.OK,
        onward=onward,
        refusal=refusal,
        by_provider=account.issuer is not None,
        by_password=account.password_hash is not None,
    )
