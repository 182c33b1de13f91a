"""Fetches of studies from peers: priors, and films for an audit."""

from typing import Annotated, Final

from fastapi import Form, Query, Request
from starlette.responses import Response

from core.states import JobState
from db.retrieval_list import count_retrievals, retrievals
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.operations import acts
from web.operations.lists import AT_ONCE, MOST_PAGES, Sheet, chosen
from web.operations.roles import ADMINISTRATOR
from web.operations.said import Said, answer
from web.services import Given

router = GuardedRouter()
_HERE: Final = "/operations/retrievals"


@router.page(_HERE, roles=ADMINISTRATOR)
def show(
    request: Request,
    ours: Given,
    state: str = "",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show the fetches, the newest first."""
    with ours.db.read() as session:
        counts = count_retrievals(session)
        found = retrievals(
            session,
            state=chosen(JobState, state),
            limit=AT_ONCE + 1,
            offset=(page - 1) * AT_ONCE,
        )
    return ours.renderer.page(
        request,
        "operations/retrievals.html",
        counts=counts,
        retrievals=found[:AT_ONCE],
        sheet=Sheet.of(page, more=len(found) > AT_ONCE, state=state),
        wanted={"state": state},
        states=tuple(JobState),
    )


@router.page(f"{_HERE}/retry", roles=ADMINISTRATOR, methods=["POST"])
def retry(
    request: Request, ours: Given, who: Person, number: Annotated[RowNumber, Form()]
) -> Response:
    """Let a fetch that failed be tried anew."""

    def act() -> Said:
        acts.retrieve_again(ours.db, who, number)
        return Said("fetch", {"number": number})

    return answer(request, ours, _HERE, act)
