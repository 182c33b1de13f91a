"""Who may sign in, and which studies only some may open: an administrator's page."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from core.accounts import AccountRole
from core.errors import FirstReadError, PermanentError
from db.accounts import account_named, add_account, every_account, set_enabled, set_roles
from db.api_tokens import every_token, revoke_token
from db.break_glass import latest_broken
from db.one_time_links import make_link
from db.resets import reset_by_link
from db.restrictions import all_restrictions, lift_restriction, restrict_study
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.services import Given, Services

router = GuardedRouter()
_ADMINISTRATORS = (AccountRole.ADMINISTRATOR,)
_HERE = "/operations/users"
_FIRST_LINK = timedelta(days=1)
_MOST_BROKEN = 20
_Text = Annotated[str, Form()]
_Roles = Annotated[list[AccountRole], Form(default_factory=list)]


@router.page(_HERE, roles=_ADMINISTRATORS)
def show(request: Request, ours: Given) -> Response:
    """Show accounts, programs' tokens, restrictions and who broke the glass."""
    return _page(request, ours)


@router.page(_HERE, roles=_ADMINISTRATORS, methods=["POST"])
def add(
    request: Request,
    ours: Given,
    who: Person,
    *,
    roles: _Roles,
    name: _Text = "",
    person: _Text = "",
) -> Response:
    """Enter a person, and show the link by which that person signs in first."""
    try:
        with ours.db.write() as session:
            account = add_account(session, name, person=person, roles=roles, actor=who.name)
            path = make_link(session, account, actor=who.name, lifetime=_FIRST_LINK)
    except PermanentError as error:
        return _page(request, ours, error)
    return _page(request, ours, link=(account.name, ours.settings.web.browser_url() + path))


@router.page(f"{_HERE}/{{name}}/roles", roles=_ADMINISTRATORS, methods=["POST"])
def change_roles(request: Request, ours: Given, who: Person, name: str, roles: _Roles) -> Response:
    """Change what a person may do; the person's sessions end."""
    try:
        with ours.db.write() as session:
            set_roles(session, account_named(session, name), roles, actor=who.name)
    except PermanentError as error:
        return _page(request, ours, error)
    return _back()


@router.page(f"{_HERE}/{{name}}/enabled", roles=_ADMINISTRATORS, methods=["POST"])
def change_enabled(
    request: Request, ours: Given, who: Person, name: str, enabled: Annotated[bool, Form()]
) -> Response:
    """Let a person in again, or out: then the person's sessions end at once."""
    try:
        with ours.db.write() as session:
            account = account_named(session, name)
            set_enabled(session, account, enabled=enabled, actor=who.name)
    except PermanentError as error:
        return _page(request, ours, error)
    return _back()


@router.page(f"{_HERE}/{{name}}/reset", roles=_ADMINISTRATORS, methods=["POST"])
def reset(request: Request, ours: Given, who: Person, name: str) -> Response:
    """Take a person's password away, and show the link by which another one is set."""
    try:
        with ours.db.write() as session:
            path = reset_by_link(session, account_named(session, name), _FIRST_LINK, actor=who.name)
    except PermanentError as error:
        return _page(request, ours, error)
    return _page(request, ours, link=(name, ours.settings.web.browser_url() + path))


@router.page(f"{_HERE}/tokens/{{number}}/revoke", roles=_ADMINISTRATORS, methods=["POST"])
def take_token(request: Request, ours: Given, who: Person, number: RowNumber) -> Response:
    """Make anybody's token useless."""
    try:
        with ours.db.write() as session:
            revoke_token(session, number, account_id=None, actor=who.name)
    except PermanentError as error:
        return _page(request, ours, error)
    return _back()


@router.page(f"{_HERE}/restrictions", roles=_ADMINISTRATORS, methods=["POST"])
def restrict(
    request: Request,
    ours: Given,
    who: Person,
    *,
    names: Annotated[list[str], Form(default_factory=list)],
    study: _Text = "",
    reason: _Text = "",
) -> Response:
    """Let only named persons open a study."""
    try:
        with ours.db.write() as session:
            restrict_study(session, study, names, reason, actor=who.name)
    except PermanentError as error:
        return _page(request, ours, error)
    return _back()


@router.page(f"{_HERE}/restrictions/lift", roles=_ADMINISTRATORS, methods=["POST"])
def lift(
    request: Request, ours: Given, who: Person, study: _Text = "", reason: _Text = ""
) -> Response:
    """Let every radiologist open a study again."""
    try:
        with ours.db.write() as session:
            lift_restriction(session, study, reason, actor=who.name)
    except PermanentError as error:
        return _page(request, ours, error)
    return _back()


def _back() -> Response:
    return RedirectResponse(_HERE, HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    ours: Services,
    refusal: FirstReadError | None = None,
    link: Sequence[str] = (),
) -> Response:
    with ours.db.read() as session:
        return ours.renderer.page(
            request,
            "access/users.html",
            status=HTTPStatus.OK if refusal is None else HTTPStatus.UNPROCESSABLE_ENTITY,
            accounts=every_account(session),
            every_role=list(AccountRole),
            tokens=every_token(session),
            restrictions=all_restrictions(session),
            broken=latest_broken(session, _MOST_BROKEN),
            refusal=refusal,
            link=link,
        )
