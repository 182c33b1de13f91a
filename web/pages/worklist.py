"""The worklist: what waits for a radiologist, urgent and old studies first, live."""

from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import Response, StreamingResponse

from core.accounts import AccountRole
from core.labels import Label
from core.states import StudyState
from db.worklist_filters import LONGEST_TEXT, Filters, Mark, Only, Period
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.services import Given
from web.worklist.lists import ShownLists, shown_lists
from web.worklist.query import (
    TIERS,
    AskedFilters,
    AskedMark,
    filters_of,
    onlooker,
    query_of,
)

router = GuardedRouter()
_RADIOLOGIST: Final = (AccountRole.RADIOLOGIST,)
_CHOICES: Final = {
    "states": StudyState,
    "tiers": TIERS,
    "labels": Label,
    "periods": Period,
    "onlys": Only,
    "longest_text": LONGEST_TEXT,
}


@router.page("/worklist", roles=_RADIOLOGIST)
def show(
    request: Request, ours: Given, who: Person, filters: AskedFilters, after: AskedMark
) -> Response:
    """Show the worklist."""
    shown = _shown(ours, who, filters, after)
    return ours.renderer.page(
        request, "worklist.html", shown=shown, query=query_of(filters), **_CHOICES
    )


@router.page("/worklist/lists", roles=_RADIOLOGIST)
def lists(
    request: Request, ours: Given, who: Person, filters: AskedFilters, after: AskedMark
) -> Response:
    """Give the lists alone, as they are now."""
    shown = _shown(ours, who, filters, after)
    return ours.renderer.page(request, "worklist/lists.html", shown=shown, query=query_of(filters))


@router.page("/worklist/search", roles=_RADIOLOGIST, methods=["POST"])
def search(
    request: Request,
    ours: Given,
    who: Person,
    after: AskedMark,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Give the lists of what is searched for, which no address bears since it may be a name."""
    filters = filters_of(request.query_params, text)
    shown = _shown(ours, who, filters, after)
    return ours.renderer.page(request, "worklist/lists.html", shown=shown, query=query_of(filters))


@router.page("/worklist/live", roles=_RADIOLOGIST)
async def live(ours: Given, who: Person) -> Response:
    """Tell what changes, for as long as the session goes on."""
    return StreamingResponse(
        ours.live.follow(who.sign_in_id or 0),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


def _shown(ours: Given, who: Person, filters: Filters, after: Mark | None) -> ShownLists:
    with ours.db.read() as session:
        return shown_lists(session, filters, onlooker(session, ours, who), after)
