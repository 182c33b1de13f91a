"""Deliveries as an administrator looks at them: what waits, what a peer refused, what is held."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.states import DeliveryState, ResultKind
from db.models import Delivery, Peer, ResultObject, Study

OPEN_OR_BAD: Final = (DeliveryState.FAILED, DeliveryState.WAITING, DeliveryState.HELD)
"""The states in which somebody may want to do something about a delivery."""


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """One result object on its way to one peer.

    Parameters
    ----------
    delivery_id, state, attempts, words, status
        Its row.
    peer, kind, uid
        Whom it is for, and what it is.
    study_uid, accession
        Of what study.
    created_at, changed_at, sent_at
        When it was entered, last changed, and taken by its peer (None: not yet).
    is_recalled
        Whether a note of ours takes it back there.
    is_kept
        Whether its file is there, to be sent once more.
    """

    delivery_id: int
    state: DeliveryState
    attempts: int
    words: str
    status: int | None
    peer: str
    kind: ResultKind
    uid: str
    study_uid: str
    accession: str
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None
    is_recalled: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are looked at.

    Parameters
    ----------
    states
        Those in one of these; empty are all.
    peer, study_uid
        Those for this peer, of this study; empty is any.
    """

    states: Collection[DeliveryState] = OPEN_OR_BAD
    peer: str = ""
    study_uid: str = ""


def deliveries(
    session: Session, which: DeliveryFilter, *, limit: int, offset: int = 0
) -> Sequence[ListedDelivery]:
    """List deliveries, those that changed last first."""
    columns = select(Delivery, Peer.name, ResultObject, Study.uid, Study.accession)
    query = _filtered(columns, which).order_by(Delivery.changed_at.desc(), Delivery.id.desc())
    return [
        ListedDelivery(
            delivery_id=delivery.id,
            state=delivery.state,
            attempts=delivery.attempts,
            words=delivery.words,
            status=delivery.status,
            peer=peer,
            kind=result.kind,
            uid=result.uid,
            study_uid=study_uid,
            accession=accession,
            created_at=delivery.created_at,
            changed_at=delivery.changed_at,
            sent_at=delivery.sent_at,
            is_recalled=delivery.rejection_uid is not None,
            is_kept=result.removed_at is None,
        )
        for delivery, peer, result, study_uid, accession in session.execute(
            query.limit(limit).offset(offset)
        )
    ]


def count_deliveries(session: Session, which: DeliveryFilter) -> int:
    """Count the deliveries that `deliveries` lists without a limit."""
    number: int = session.scalars(_filtered(select(func.count(Delivery.id)), which)).one()
    return number


def _filtered(query: Any, which: DeliveryFilter) -> Any:
    query = (
        query.select_from(Delivery)
        .join(Delivery.peer)
        .join(Delivery.result)
        .join(Study, Study.id == ResultObject.study_id)
    )
    if which.states:
        query = query.where(Delivery.state.in_(which.states))
    if which.peer:
        query = query.where(Peer.name == which.peer)
    if which.study_uid:
        query = query.where(Study.uid == which.study_uid)
    return query
