"""Which models read here, and what each one's readings may be used for: an administrator's page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from core.accounts import AccountRole
from core.errors import SettingsError
from core.states import Standing
from db.standings import StandingConflictError, known_models, set_standing
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.services import Given, Services

router = GuardedRouter()
_ROLES: Final = (AccountRole.ADMINISTRATOR,)
_HERE: Final = "/operations/models"


@router.page(_HERE, roles=_ROLES)
def show(request: Request, ours: Given) -> Response:
    """Show every model that a worker loaded here."""
    return _page(request, ours)


@router.page(f"{_HERE}/{{model_uid}}/standing", roles=_ROLES, methods=["POST"])
def say(
    request: Request,
    ours: Given,
    who: Person,
    model_uid: str,
    *,
    standing: Annotated[Standing, Form()],
    after: Annotated[int, Form(ge=0)],
    basis: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Record what a model's readings may be used for from now on."""
    typed = {"model": model_uid, "standing": standing.value, "basis": basis}
    if not sure:
        typed["refusal"] = "it is recorded only with the confirmation"
        return _page(request, ours, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        with ours.db.write() as session:
            set_standing(session, model_uid, standing, basis=basis, actor=who.name, after=after)
    except StandingConflictError as error:
        typed["refusal"] = str(error)
        return _page(request, ours, typed, HTTPStatus.CONFLICT)
    except SettingsError as error:
        typed["refusal"] = str(error)
        return _page(request, ours, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(_HERE, HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    ours: Services,
    typed: Mapping[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Show the page; `typed` is what somebody asked for, and why it was refused."""
    with ours.db.read() as session:
        return ours.renderer.page(
            request,
            "models/page.html",
            status=status,
            models=known_models(session),
            standings=tuple(Standing),
            typed=typed or {},
        )
