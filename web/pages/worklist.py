"""The worklist: what waits for a radiologist, urgent and old studies first, live."""

from typing import Annotated, Any, Final

from fastapi import Form, Request
from starlette.responses import HTMLResponse, Response

from core.accounts import AccountRole
from core.labels import Label
from core.states import StudyState
from db.worklist_filters import LONGEST_TEXT, Filters, Mark, Onlooker, Only, Period
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.services import Given, Services
from web.streams import EventStream
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
_CHOICES: Final[dict[str, Any]] = {
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
    with ours.db.read() as session:
        looks = onlooker(session, ours, who)
    shown = _shown(ours, filters, looks, after)
    return ours.renderer.page(
        request, "worklist.html", shown=shown, query=query_of(filters), **_CHOICES
    )


@router.page("/worklist/lists", roles=_RADIOLOGIST)
def lists(
    request: Request, ours: Given, who: Person, filters: AskedFilters, after: AskedMark
) -> Response:
    """Give the lists alone, as they are now."""
    edition = ours.live.edition
    with ours.db.read() as session:
        looks = onlooker(session, ours, who)
    mine = who.account_id if filters.only is Only.MINE else 0
    key = repr((query_of(filters, after), sorted(looks.closed), mine))

    def make() -> str:
        return bytes(_part(request, ours, filters, looks, after).body).decode()

    asked = request.headers.get("x-edition", "")
    return HTMLResponse(ours.live.lists.get(key, asked, edition, make))


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
    with ours.db.read() as session:
        looks = onlooker(session, ours, who)
    return _part(request, ours, filters, looks, after)


@router.page("/worklist/live", roles=_RADIOLOGIST)
async def live(ours: Given, who: Person) -> Response:
    """Tell what changes, for as long as the session goes on."""
    return EventStream(ours.streams, who, ours.live.follow(who.sign_in_id or 0))


def _part(
    request: Request, ours: Services, filters: Filters, looks: Onlooker, after: Mark | None
) -> Response:
    shown = _shown(ours, filters, looks, after)
    return ours.renderer.page(request, "worklist/lists.html", shown=shown, query=query_of(filters))


def _shown(ours: Services, filters: Filters, looks: Onlooker, after: Mark | None) -> ShownLists:
    counts = ours.live.tally.counts()
    with ours.db.read() as session:
        return shown_lists(session, filters, looks, after, counts)
