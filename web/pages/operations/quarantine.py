"""Objects that were kept aside: why, and taken in after all or discarded."""

from typing import Annotated, Final

from fastapi import Form, Query, Request
from starlette.responses import Response

from db.quarantine_list import count_aside, objects_aside
from db.releases import LONGEST_REASON
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.operations import decisions
from web.operations.lists import AT_ONCE, MOST_PAGES, Sheet
from web.operations.roles import ADMINISTRATOR
from web.operations.said import Said, answer
from web.services import Given

router = GuardedRouter()
_HERE: Final = "/operations/quarantine"
_DECIDED: Final = "decided"
_Number = Annotated[RowNumber, Form()]


@router.page(_HERE, roles=ADMINISTRATOR)
def show(
    request: Request,
    ours: Given,
    which: str = "",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show the objects about which somebody has to decide, or those that are over."""
    decided = which == _DECIDED
    with ours.db.read() as session:
        found = objects_aside(
            session, decided=decided, limit=AT_ONCE + 1, offset=(page - 1) * AT_ONCE
        )
        numbers = {one: count_aside(session, decided=one) for one in (False, True)}
    return ours.renderer.page(
        request,
        "operations/quarantine.html",
        objects=found[:AT_ONCE],
        decided=decided,
        numbers=numbers,
        sheet=Sheet.of(page, more=len(found) > AT_ONCE, which=_DECIDED if decided else ""),
        longest_reason=LONGEST_REASON,
    )


@router.page(f"{_HERE}/release", roles=ADMINISTRATOR, methods=["POST"])
def release(request: Request, ours: Given, who: Person, number: _Number) -> Response:
    """Have an object taken in after all."""

    def act() -> Said:
        decisions.release(ours.db, who, number)
        return Said("release", {"number": number})

    return answer(request, ours, _HERE, act)


@router.page(f"{_HERE}/discard", roles=ADMINISTRATOR, methods=["POST"])
def discard(
    request: Request,
    ours: Given,
    who: Person,
    number: _Number,
    why: Annotated[str, Form()] = "",
) -> Response:
    """Decide that an object is of no use."""

    def act() -> Said:
        decisions.discard(ours.db, who, number, why)
        return Said("discard", {"number": number})

    return answer(request, ours, _HERE, act)
