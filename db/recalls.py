"""Results that an administrator took back: nothing of them leaves any more, what left is recalled.

A recall is of what was made of a study's readings until then, at one peer or at all of them. What
a person makes of a draft afterwards is the person's, and goes its way; so does a later reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from core.clock import now
from core.errors import WrongArgumentError
from core.person_name import has_control_characters
from core.states import DeliveryState, FilmState, Purpose, ResultKind
from db.audit import record
from db.films import lock_study
from db.jobs import ask_publish
from db.models import (
    AuditAction,
    Delivery,
    Instance,
    Peer,
    ReadingRow,
    Recall,
    ReportVersionRow,
    ResultObject,
)
from db.predecessors import may_be_there

LONGEST_REASON: Final = 500
"""Characters of a reason, which stands in notes to peers."""
RECALLED: Final = "taken back by the administrator"
"""What becomes of a delivery that had not left: its words."""
_NOT_LEFT = (DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.REHEARSED)


def is_recalled() -> ColumnElement[bool]:
    """Give the condition that a delivery's result, joined to it, was taken back at its peer."""
    recall_, version = aliased(Recall), aliased(ReportVersionRow)
    of_it = (
        select(recall_.id)
        .join(version, version.reading_id == recall_.reading_id)
        .where(
            recall_.reading_id == ResultObject.reading_id,
            recall_.peer_id == Delivery.peer_id,
            version.id == ResultObject.version_id,
            version.created_at <= recall_.at,
            ~version.final,
        )
        .correlate(ResultObject, Delivery)
        .exists()
    )
    # Few readings are: the list spares the others the question.
    return and_(ResultObject.reading_id.in_(select(Recall.reading_id)), of_it)


def recall_of(session: Session, version: ReportVersionRow, peer_id: int) -> Recall | None:
    """Give the word by which what is made of a version was taken back at a peer; else None."""
    found = session.scalars(
        select(Recall).where(Recall.reading_id == version.reading_id, Recall.peer_id == peer_id)
    ).one_or_none()
    if found is None or version.final or version.created_at > found.at:
        return None
    return found


@dataclass(frozen=True, slots=True)
class Recalled:
    """What an administrator's word did.

    Parameters
    ----------
    kept_back
        Number of results that had not left, and do not any more.
    there
        Number of those that the peer has, or may have, and was not told to lose so far.
    """

    kept_back: int = 0
    there: int = 0


def reason_of(words: str) -> str:
    """Give the reason that an administrator's words are.

    Raises
    ------
    WrongArgumentError
        If they are empty, too long or of several lines.
    """
    why = words.strip()
    if not why or len(why) > LONGEST_REASON or has_control_characters(why):
        message = f"taking back needs a reason of one line, {LONGEST_REASON} characters at most"
        raise WrongArgumentError(message)
    return why


def peers_concerned(session: Session, study_id: int) -> list[str]:
    """Name the peers that have something of a study, or would get what is built of it later.

    One that is disabled is among them: it may be enabled again before that is built.
    """
    served = select(Delivery.peer_id).join(Delivery.result).where(ResultObject.study_id == study_id)
    return list(
        session.scalars(
            select(Peer.name)
            .where(or_(Peer.takes_results, Peer.id.in_(served)))
            .order_by(Peer.name)
        )
    )


def to_be_read(session: Session, study_id: int) -> int:
    """Count the films of a study whose drafts are still to come, which no recall holds back."""
    return session.scalars(
        select(func.count())
        .select_from(Instance)
        .where(
            Instance.study_id == study_id,
            Instance.purpose == Purpose.READ,
            Instance.state.in_((FilmState.QUEUED, FilmState.READING)),
        )
    ).one()


def recall(session: Session, study_id: int, peer: Peer, *, reason: str, actor: str) -> Recalled:
    """Take back what was made of a study at one peer; the same again takes nothing more back.

    What remains is asked back each time. Final reports stay: whoever signed one withdraws it.

    Parameters
    ----------
    session
        A writing session of its own, that holds the peer.
    study_id, peer
        What, and where.
    reason
        Why, in words; the peer is told.
    actor
        Who said so.

    Raises
    ------
    WrongArgumentError
        If the reason is empty, too long or of several lines.
    """
    why = reason_of(reason)
    lock_study(session, study_id)
    new = [
        version
        for version in _versions(session, study_id)
        if recall_of(session, version, peer.id) is None
    ]
    kept_back = _recall(session, study_id, peer, new, why=why, actor=actor) if new else 0
    there = _still_there(session, study_id, peer.id)
    if new or there:
        # What was asked for in vain may be granted since the peer's entry was changed.
        ask_publish(session, study_id)
    return Recalled(kept_back, there)


def _recall(
    session: Session,
    study_id: int,
    peer: Peer,
    versions: Sequence[ReportVersionRow],
    *,
    why: str,
    actor: str,
) -> int:
    concerned = _concerned(session, study_id, peer.id)
    for reading_id in sorted({version.reading_id for version in versions}):
        row = session.scalars(
            select(Recall).where(Recall.reading_id == reading_id, Recall.peer_id == peer.id)
        ).one_or_none()
        if row is None:
            row = Recall(reading_id=reading_id, peer_id=peer.id, reason=why, actor=actor)
            session.add(row)
        row.reason, row.actor, row.at = why, actor, now()
    stopped = [delivery for delivery in concerned if delivery.state in _NOT_LEFT]
    for delivery in stopped:
        delivery.state, delivery.words = DeliveryState.OBSOLETE, RECALLED
        delivery.changed_at = now()
    session.flush()
    record(
        session,
        AuditAction.RESULTS_RECALLED,
        actor=actor,
        study_id=study_id,
        peer=peer.name,
        reason=why,
        uids=[delivery.result.uid for delivery in concerned],
    )
    numbers = [delivery.id for delivery in stopped]
    return len(numbers) - _count(session, Delivery.id.in_(numbers), may_be_there())


def _versions(session: Session, study_id: int) -> Sequence[ReportVersionRow]:
    """List what was drafted and written of a study until now, and is not final."""
    return session.scalars(
        select(ReportVersionRow)
        .join(ReadingRow, ReadingRow.id == ReportVersionRow.reading_id)
        .where(ReadingRow.study_id == study_id, ~ReportVersionRow.final)
        .order_by(ReportVersionRow.created_at)
    ).all()


def _still_there(session: Session, study_id: int, peer_id: int) -> int:
    """Count what was taken back, is at the peer or may be, and no note of ours tells it so."""
    return _count(
        session,
        Delivery.peer_id == peer_id,
        ResultObject.study_id == study_id,
        ResultObject.kind != ResultKind.REJECTION,
        Delivery.rejection_uid.is_(None),
        is_recalled(),
        may_be_there(),
    )


def _count(session: Session, *of: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Delivery).join(Delivery.result).where(*of)
    return session.scalars(query).one()


def _concerned(session: Session, study_id: int, peer_id: int) -> Sequence[Delivery]:
    """List what a peer has, or may have, or would get, and was not told to lose yet."""
    return session.scalars(
        select(Delivery)
        .join(Delivery.result)
        .join(ReportVersionRow, ReportVersionRow.id == ResultObject.version_id)
        .where(
            Delivery.peer_id == peer_id,
            ResultObject.study_id == study_id,
            ResultObject.kind != ResultKind.REJECTION,
            ~ReportVersionRow.final,
            Delivery.rejection_uid.is_(None),
            ~is_recalled(),
            or_(Delivery.state.in_(_NOT_LEFT), may_be_there()),
        )
        .order_by(Delivery.id)
        .options(joinedload(Delivery.result))
    ).all()
