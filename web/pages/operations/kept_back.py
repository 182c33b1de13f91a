"""Films that were not read or failed, with their reasons."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Query, Request
from starlette.responses import Response

from core.clock import now
from core.states import FilmState
from db.kept_back import NO_READING, films_kept_back, reasons_kept_back
from web.access.guard import GuardedRouter
from web.operations.lists import AT_ONCE, MOST_PAGES, Sheet, chosen
from web.operations.roles import ADMINISTRATOR
from web.services import Given

router = GuardedRouter()
_DAYS: Final = (1, 7, 30, 365)


@router.page("/operations/kept-back", roles=ADMINISTRATOR)
def show(
    request: Request,
    ours: Given,
    state: str = "",
    days: Annotated[int, Query(ge=1, le=36500)] = 7,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show the films of the last days of which there is no reading."""
    since = now() - timedelta(days=days)
    with ours.db.read() as session:
        reasons = reasons_kept_back(session, since)
        found = films_kept_back(
            session,
            since,
            state=chosen(FilmState, state),
            limit=AT_ONCE + 1,
            offset=(page - 1) * AT_ONCE,
        )
    return ours.renderer.page(
        request,
        "operations/kept_back.html",
        reasons=reasons,
        films=found[:AT_ONCE],
        sheet=Sheet.of(page, more=len(found) > AT_ONCE, state=state, days=str(days)),
        wanted={"state": state, "days": days},
        states=NO_READING,
        spans=_DAYS,
    )
