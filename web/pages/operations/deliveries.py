"""Deliveries: what waits, what a peer refused and why; sent again, or taken back."""

from typing import Annotated, Final

from fastapi import Form, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from core.states import DeliveryState
from db.delivery_list import OPEN_OR_BAD, DeliveryFilter, count_deliveries, deliveries
from db.models import Peer
from db.recalls import LONGEST_REASON
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.operations import acts
from web.operations.lists import AT_ONCE, MOST_PAGES, Sheet, chosen
from web.operations.roles import ADMINISTRATOR
from web.operations.said import Said, answer
from web.services import Given

router = GuardedRouter()
_HERE: Final = "/operations/deliveries"
_ALL: Final = "all"
_Uid = Annotated[str, Form(max_length=64)]
_Peer = Annotated[str, Form(max_length=64)]


@router.page(_HERE, roles=ADMINISTRATOR)
def show(
    request: Request,
    ours: Given,
    *,
    state: str = "",
    peer: Annotated[str, Query(max_length=64)] = "",
    study: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show deliveries; without a wish those that are not done with."""
    which = DeliveryFilter(_states(state, study), peer, study)
    with ours.db.read() as session:
        found = deliveries(session, which, limit=AT_ONCE + 1, offset=(page - 1) * AT_ONCE)
        number = count_deliveries(session, which)
        peers = session.scalars(select(Peer.name).order_by(Peer.name)).all()
    return ours.renderer.page(
        request,
        "operations/deliveries.html",
        deliveries=found[:AT_ONCE],
        number=number,
        sheet=Sheet.of(page, more=len(found) > AT_ONCE, state=state, peer=peer, study=study),
        wanted={"state": state, "peer": peer, "study": study},
        states=tuple(DeliveryState),
        peers=peers,
        longest_reason=LONGEST_REASON,
    )


def _states(state: str, study: str) -> tuple[DeliveryState, ...]:
    if state == _ALL or (study and not state):
        # Whoever looks at one study wants to see all that became of it.
        return ()
    one = chosen(DeliveryState, state)
    return OPEN_OR_BAD if one is None else (one,)


@router.page(f"{_HERE}/send-again", roles=ADMINISTRATOR, methods=["POST"])
def send_again(request: Request, ours: Given, who: Person, study: _Uid, peer: _Peer) -> Response:
    """Let what is done with of a study go to a peer once more."""

    def act() -> Said:
        done = acts.send_again(ours.db, who, study, peer)
        return Said("again", {"peer": peer, "done": done})

    return answer(request, ours, f"{_HERE}?study={study}", act)


@router.page(f"{_HERE}/retract", roles=ADMINISTRATOR, methods=["POST"])
def retract(
    request: Request,
    ours: Given,
    who: Person,
    *,
    study: _Uid,
    peer: _Peer,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Take back what was made of a study at a peer."""

    def act() -> Said:
        done = acts.take_back(ours.db, who, study, peer, reason)
        return Said("retract", {"peer": peer, "done": done})

    return answer(request, ours, f"{_HERE}?study={study}", act)
