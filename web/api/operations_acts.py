"""What an administrator's program does by the JSON API; every act is in the audit."""

from http import HTTPStatus
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from core.states import SendingMode
from db.recalls import LONGEST_REASON, Recalled
from db.resending import Resent
from db.sending_modes import ModeChange
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.api.operations import ADDRESS, TAGS
from web.numbers import RowNumber
from web.operations import acts, decisions
from web.operations.roles import ADMINISTRATOR
from web.services import Given

router = GuardedRouter()
_POST: Final = ("POST",)
_Peer = Annotated[str, Field(min_length=1, max_length=64, description="Name of its entry.")]
_Study = Annotated[str, Field(min_length=1, max_length=64, description="Study Instance UID.")]
_Reason = Annotated[str, Field(max_length=LONGEST_REASON, description="One line.")]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeerWish(_Wish):
    """Whom something is about."""

    peer: _Peer


class ModeWish(PeerWish):
    """What is to become of results for a peer."""

    mode: SendingMode


class ResendWish(PeerWish):
    """What is to go to a peer once more: of one study, or else all that it refused for good."""

    study: _Study | None = None


class RetractWish(PeerWish):
    """What is to be taken back at a peer, and why; the peer is told."""

    study: _Study
    reason: _Reason


class DiscardWish(_Wish):
    """Why an object is of no use; for the audit."""

    why: _Reason


class Begun(BaseModel):
    """What the gateway does from now on.

    Parameters
    ----------
    job
        Its job; what came of it is shown beside the peer or the object.
    """

    job: int


@router.call(f"{ADDRESS}/peers/echo", roles=ADMINISTRATOR, methods=_POST, tags=TAGS)
def echo(ours: Given, who: Person, wish: PeerWish) -> Begun:
    """Have a peer asked whether it is there."""
    return Begun(job=acts.echo(ours.db, who, wish.peer))


@router.call(f"{ADDRESS}/peers/mode", roles=ADMINISTRATOR, methods=_POST, tags=TAGS)
def mode(ours: Given, who: Person, wish: ModeWish) -> ModeChange:
    """Put a peer into a mode."""
    return acts.change_mode(ours.db, who, wish.peer, wish.mode)


@router.call(f"{ADDRESS}/deliveries/send-again", roles=ADMINISTRATOR, methods=_POST, tags=TAGS)
def send_again(ours: Given, who: Person, wish: ResendWish) -> Resent:
    """Let results go to a peer once more."""
    if wish.study is None:
        return acts.send_refused_again(ours.db, who, wish.peer)
    return acts.send_again(ours.db, who, wish.study, wish.peer)


@router.call(f"{ADDRESS}/deliveries/retract", roles=ADMINISTRATOR, methods=_POST, tags=TAGS)
def retract(ours: Given, who: Person, wish: RetractWish) -> Recalled:
    """Take back what was made of a study at a peer."""
    return acts.take_back(ours.db, who, wish.study, wish.peer, wish.reason)


@router.call(
    f"{ADDRESS}/jobs/{{number}}/retry",
    roles=ADMINISTRATOR,
    methods=_POST,
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
)
def retry(ours: Given, who: Person, number: RowNumber) -> None:
    """Let a job that ended badly be tried anew."""
    acts.retry(ours.db, who, number)


@router.call(
    f"{ADDRESS}/jobs/{{number}}/cancel",
    roles=ADMINISTRATOR,
    methods=_POST,
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
)
def cancel(ours: Given, who: Person, number: RowNumber) -> None:
    """Call a job off."""
    acts.cancel(ours.db, who, number)


@router.call(
    f"{ADDRESS}/retrievals/{{number}}/retry",
    roles=ADMINISTRATOR,
    methods=_POST,
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
)
def retrieve_again(ours: Given, who: Person, number: RowNumber) -> None:
    """Let a fetch that failed be tried anew."""
    acts.retrieve_again(ours.db, who, number)


@router.call(
    f"{ADDRESS}/quarantine/{{number}}/release", roles=ADMINISTRATOR, methods=_POST, tags=TAGS
)
def release(ours: Given, who: Person, number: RowNumber) -> Begun:
    """Have an object taken in that was kept aside."""
    return Begun(job=decisions.release(ours.db, who, number))


@router.call(
    f"{ADDRESS}/quarantine/{{number}}/discard",
    roles=ADMINISTRATOR,
    methods=_POST,
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
)
def discard(ours: Given, who: Person, number: RowNumber, wish: DiscardWish) -> None:
    """Decide that an object that was kept aside is of no use."""
    decisions.discard(ours.db, who, number, wish.why)
