"""Peers: whether they are there, what becomes of results for them, and what waits."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form, Request
from starlette.responses import Response

from core.states import SendingMode
from db.peer_list import peer_states
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.operations import acts
from web.operations.roles import ADMINISTRATOR
from web.operations.said import Said, answer
from web.services import Given

router = GuardedRouter()
_HERE = "/operations/peers"
_Peer = Annotated[str, Form(max_length=64)]


@router.page(_HERE, roles=ADMINISTRATOR)
def show(request: Request, ours: Given) -> Response:
    """Show all peers."""
    with ours.db.read() as session:
        peers = peer_states(session, ZoneInfo(ours.settings.site.timezone))
    return ours.renderer.page(
        request, "operations/peers.html", peers=peers, modes=tuple(SendingMode)
    )


@router.page(f"{_HERE}/echo", roles=ADMINISTRATOR, methods=["POST"])
def echo(request: Request, ours: Given, who: Person, peer: _Peer) -> Response:
    """Have a peer asked whether it is there."""

    def act() -> Said:
        acts.echo(ours.db, who, peer)
        return Said("echo", {"peer": peer})

    return answer(request, ours, _HERE, act)


@router.page(f"{_HERE}/mode", roles=ADMINISTRATOR, methods=["POST"])
def mode(
    request: Request, ours: Given, who: Person, peer: _Peer, wanted: Annotated[SendingMode, Form()]
) -> Response:
    """Put a peer into a mode."""

    def act() -> Said:
        change = acts.change_mode(ours.db, who, peer, wanted)
        return Said("mode", {"peer": peer, "change": change})

    return answer(request, ours, _HERE, act)


@router.page(f"{_HERE}/send-again", roles=ADMINISTRATOR, methods=["POST"])
def send_again(request: Request, ours: Given, who: Person, peer: _Peer) -> Response:
    """Let everything that a peer refused for good go to it once more."""

    def act() -> Said:
        return Said("again", {"peer": peer, "done": acts.send_refused_again(ours.db, who, peer)})

    return answer(request, ours, _HERE, act)
