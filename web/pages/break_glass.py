"""Opening a restricted study all the same: with a reason, for a while, and loud in the audit."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from core.accounts import AccountRole
from core.errors import WrongArgumentError
from db.break_glass import break_glass
from db.models import Study
from db.restrictions import access_to
from web.access.guard import GuardedRouter
from web.access.onward import onward
from web.access.refusals import NoSuchThingError
from web.access.who import Person, Who
from web.services import Given, Services

router = GuardedRouter()
_READERS = (AccountRole.RADIOLOGIST,)
_Text = Annotated[str, Form()]


@router.page("/studies/{study_uid}/break-glass", roles=_READERS)
def show(request: Request, ours: Given, who: Person, study_uid: str, next: str = "") -> Response:  # noqa: A002 - its name there
    """Ask for the reason; who may open the study goes on."""
    study_id, may_open = _study(ours, who, study_uid)
    del study_id
    back = _back(study_uid, next)
    if may_open:
        return RedirectResponse(back, HTTPStatus.SEE_OTHER)
    return _form(request, ours, study_uid, back)


@router.page("/studies/{study_uid}/break-glass", roles=_READERS, methods=["POST"])
def give_reason(
    request: Request,
    ours: Given,
    who: Person,
    *,
    study_uid: str,
    reason: _Text = "",
    next: _Text = "",  # noqa: A002 - as above
) -> Response:
    """Keep the reason, and open the study for a while."""
    study_id, may_open = _study(ours, who, study_uid)
    back = _back(study_uid, next)
    if not may_open:
        lifetime = timedelta(minutes=ours.settings.web.break_glass_minutes)
        try:
            with ours.db.write() as session:
                break_glass(session, who.account_id, study_id, reason, lifetime)
        except WrongArgumentError as error:
            return _form(request, ours, study_uid, back, refusal=str(error), reason=reason)
    return RedirectResponse(back, HTTPStatus.SEE_OTHER)


def _study(ours: Services, who: Who, uid: str) -> tuple[int, bool]:
    with ours.db.read() as session:
        found = session.scalars(select(Study.id).where(Study.uid == uid)).one_or_none()
        if found is None:
            message = "there is no such study"
            raise NoSuchThingError(message)
        return found, access_to(session, found, who.account_id, who.name).may_open


def _back(study_uid: str, wanted: str) -> str:
    return onward(wanted) if wanted else f"/studies/{study_uid}"


def _form(
    request: Request,
    ours: Services,
    study_uid: str,
    back: str,
    *,
    refusal: str = "",
    reason: str = "",
) -> Response:
    return ours.renderer.page(
        request,
        "access/break_glass.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        study_uid=study_uid,
        onward=back,
        refusal=refusal,
        reason=reason,
        minutes=round(ours.settings.web.break_glass_minutes),
    )
