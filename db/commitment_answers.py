"""What becomes of requests for storage commitment: answered, not answered, refused.

An answer is about what was stored when its request was made: a result that was sent again since, or
that another request names by now, is left as it is. Locks are taken in the order of deliveries: the
peer, its study, the deliveries, the request.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.clock import now
from core.commitment import NextStep, failure_reason
from core.commitment_report import CommitmentReport, Reference
from core.commitment_settings import CommitmentSettings
from core.states import CommitmentState, CommitmentWay, DeliveryState
from db.commitments import locked_peer
from db.films import lock_study
from db.losses import LONGEST_PAUSE_SECONDS, ask_again, fail, keep, lose
from db.models import Commitment, Delivery, Peer, ResultObject

COMMITTED: Final = "committed by the peer"
NEVER_ANSWERED: Final = "never answered"


class Taken(StrEnum):
    """What became of a report."""

    NOTED = "noted"
    REPEATED = "repeated"
    """Nothing in it was new, or what it speaks of was sent or asked about again since."""
    UNKNOWN = "unknown"
    """This caller was never asked so."""
    CONTRADICTED = "contradicted"
    """The request was answered before, and otherwise."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A request and what is still open of it, all of it locked."""

    request: Commitment
    peer: Peer
    open: Sequence[Delivery]


def take_report(
    session: Session, peer_ids: Collection[int], report: CommitmentReport, rules: CommitmentSettings
) -> Taken:
    """Note what a peer says of a request.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_ids
        Who says so: the peer, or those that one call may be from; a request to another is unknown
        to it, though both have one AE title.
    report
        What it says. What it does not name stays open until the request's time is over.
    rules
        How often it is sent to and asked again.
    """
    held = _hold(session, _number_of(session, report.transaction_uid, peer_ids))
    if held is None or held.request.state is CommitmentState.REFUSED:
        return Taken.UNKNOWN
    if held.request.state is CommitmentState.ANSWERED:
        same = held.request.words == report.summary()
        return Taken.REPEATED if same else Taken.CONTRADICTED
    named = [one for one in held.open if _reference(one) in report.references]
    unsure: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in named:
        code = report.failed.get(_reference(delivery))
        if code is None:
            keep(delivery, COMMITTED)
        elif failure_reason(code).step in {NextStep.ASK_SOON, NextStep.ASK_LATE}:
            unsure[code].append(delivery)
        else:
            _end(session, held.peer, delivery, code, rules)
    for code, deliveries in unsure.items():
        _leave(held.peer, deliveries, code, rules)
    if not named:
        return Taken.REPEATED
    if len(named) == len(held.open):
        held.request.state = CommitmentState.ANSWERED
        held.request.answered_at = now()
        held.request.words = report.summary()
    return Taken.NOTED


def unanswered(session: Session, at: datetime) -> list[int]:
    """List the requests whose time is over."""
    return list(
        session.scalars(
            select(Commitment.id)
            .where(Commitment.state == CommitmentState.ASKED, Commitment.due_at <= at)
            .order_by(Commitment.due_at)
        )
    )


def note_unanswered(session: Session, commitment_id: int, rules: CommitmentSettings) -> bool:
    """Note that a request was not answered in time; what it names is asked about by another one.

    An answer that comes after all still counts until that one is made.

    Returns
    -------
    bool
        False where it was answered at the last moment.
    """
    held = _hold(session, commitment_id)
    if held is None or held.request.state is not CommitmentState.ASKED:
        return False
    held.request.state = CommitmentState.TIMED_OUT
    held.request.words = "not answered in time"
    if held.peer.commitment is CommitmentWay.ASK:
        ask_again(held.open, NEVER_ANSWERED, rules, first_pause=held.peer.commitment_seconds)
    return True


def note_refused(
    session: Session, commitment_id: int, words: str, rules: CommitmentSettings, *, counts: bool
) -> None:
    """Note that a peer did not take a request at all.

    Parameters
    ----------
    session
        A writing session of its own.
    commitment_id
        The request.
    words
        The peer's status in words.
    rules
        How often it is asked again.
    counts
        Whether the objects are what it refused; else it refuses every request, which its own row
        remembers.
    """
    held = _hold(session, commitment_id)
    if held is None or held.request.state is not CommitmentState.ASKED:
        return
    held.request.state = CommitmentState.REFUSED
    held.request.answered_at = now()
    held.request.words = words
    if counts:
        ask_again(held.open, words, rules, first_pause=held.peer.commitment_seconds)
    for delivery in held.open:
        delivery.commitment_id = None
        if not counts:
            delivery.asks -= 1


def outstanding(session: Session, commitment_ids: Sequence[int]) -> bool:
    """Tell whether an answer to one of some requests is still waited for."""
    asked = select(Commitment.id).where(
        Commitment.id.in_(commitment_ids), Commitment.state == CommitmentState.ASKED
    )
    return session.scalars(asked.limit(1)).first() is not None


def _end(
    session: Session, peer: Peer, delivery: Delivery, code: int, rules: CommitmentSettings
) -> None:
    """Note that the peer does not have an object, or has another one in its place."""
    reason = failure_reason(code)
    if reason.step is NextStep.SEND_AGAIN:
        lose(session, peer, delivery, f"not committed: {reason}", rules)
    else:
        fail(delivery, f"not committed: {reason}")


def _leave(
    peer: Peer, deliveries: Sequence[Delivery], code: int, rules: CommitmentSettings
) -> None:
    """Note that the peer said for a reason that it does not say, for now."""
    reason = failure_reason(code)
    soon = reason.step is NextStep.ASK_SOON
    first_pause = peer.commitment_seconds if soon else LONGEST_PAUSE_SECONDS
    ask_again(deliveries, f"not committed: {reason}", rules, first_pause=first_pause)
    for delivery in deliveries:
        delivery.commitment_id = None


def _reference(delivery: Delivery) -> Reference:
    return Reference(delivery.result.sop_class_uid, delivery.result.uid)


def _number_of(session: Session, transaction_uid: str, peer_ids: Collection[int]) -> int | None:
    """Find a request to one of some peers, unlocked."""
    return session.scalars(
        select(Commitment.id).where(
            Commitment.transaction_uid == transaction_uid, Commitment.peer_id.in_(peer_ids)
        )
    ).one_or_none()


def _hold(session: Session, commitment_id: int | None) -> _Held | None:
    if commitment_id is None:
        return None
    peer = locked_peer(
        session,
        session.scalars(select(Commitment.peer_id).where(Commitment.id == commitment_id)).one(),
    )
    named = (Delivery.commitment_id == commitment_id, Delivery.state == DeliveryState.SENT)
    studies = select(ResultObject.study_id).join(Delivery).where(*named).distinct()
    for study_id in sorted(session.scalars(studies)):
        lock_study(session, study_id)
    still_open = session.scalars(
        select(Delivery)
        .where(*named)
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
        .options(joinedload(Delivery.result))
        .execution_options(populate_existing=True)
    ).all()
    request = session.scalars(
        select(Commitment)
        .where(Commitment.id == commitment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return _Held(request, peer, still_open)
