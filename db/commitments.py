"""Which stored results their peers are still to be asked about.

"Sent" means that the peer answered success; "committed" that it said afterwards that it keeps the
object, or was found to have it. Locks are taken in the order of deliveries: the peer, its study,
the deliveries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from core.clock import now
from core.states import CommitmentState, CommitmentWay, DeliveryState, SendingMode
from db.films import lock_study
from db.models import Commitment, Delivery, Peer, ResultObject

MOST_OBJECTS: Final = 100
"""Objects of one request."""
_MOST_STUDIES: Final = 100
"""Studies of one look: where a peer is newly asked, all that it ever stored is due."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A result object that a peer said it stored.

    Parameters
    ----------
    delivery_id
        Its way to that peer.
    sop_class_uid, uid, study_uid, series_uid
        The object's.
    sent_at
        When the peer stored it; what is found out about it holds for that time only.
    """

    delivery_id: int
    sop_class_uid: str
    uid: str
    study_uid: str
    series_uid: str
    sent_at: datetime

    @classmethod
    def of(cls, delivery: Delivery, study_uid: str) -> Self:
        """Give the object of a delivery whose result is loaded."""
        assert delivery.sent_at is not None  # noqa: S101 - for the type checker: it is stored
        result = delivery.result
        return cls(
            delivery_id=delivery.id,
            sop_class_uid=result.sop_class_uid,
            uid=result.uid,
            study_uid=study_uid,
            series_uid=result.series_uid,
            sent_at=delivery.sent_at,
        )


Taken = tuple[Delivery, StoredObject]


def awaits_commitment() -> ColumnElement[bool]:
    """Give the condition on a delivery that its peer stored it and is to say that it keeps it.

    It holds also where the peer never answered and is asked no more: what may have to be sent
    again is needed until the peer's row says that it is not asked.
    """
    asked = select(Peer.id).where(_is_asked())
    return and_(
        Delivery.state == DeliveryState.SENT,
        # What was taken back is never sent again.
        Delivery.rejection_uid.is_(None),
        Delivery.peer_id.in_(asked),
    )


def peers_to_ask(session: Session, at: datetime, *, maximum_requests: int) -> list[Peer]:
    """List the enabled peers that may be asked now, and where something is not yet committed."""
    waits = exists().where(
        Delivery.peer_id == Peer.id,
        Delivery.result_id == ResultObject.id,
        *_may_be_asked(at, maximum_requests),
    )
    return list(
        session.scalars(
            select(Peer)
            .where(
                Peer.enabled,
                Peer.mode.in_((SendingMode.SEND, SendingMode.DRAIN)),
                _is_asked(),
                or_(Peer.commitment_at.is_(None), Peer.commitment_at <= at),
                waits,
            )
            .order_by(Peer.id)
        )
    )


def studies_to_ask(
    session: Session, peer_id: int, at: datetime, *, quiet_seconds: float, maximum_requests: int
) -> list[int]:
    """List the next studies of which a peer is to be asked, those that wait longest first.

    Parameters
    ----------
    session
        A reading session.
    peer_id
        Whom.
    at
        Now.
    quiet_seconds
        How long ago the last result of the study must have been stored.
    maximum_requests
        Unanswered ones after which an object is left alone.
    """
    last = func.max(Delivery.sent_at)
    return list(
        session.scalars(
            select(ResultObject.study_id)
            .join(Delivery, Delivery.result_id == ResultObject.id)
            .where(Delivery.peer_id == peer_id, *_may_be_asked(at, maximum_requests))
            .group_by(ResultObject.study_id)
            .having(last <= at - timedelta(seconds=quiet_seconds))
            .order_by(last)
            .limit(_MOST_STUDIES)
        )
    )


def take_stored(
    session: Session, peer: Peer, study_id: int, *, maximum_requests: int
) -> list[Taken]:
    """Take what a peer is to be asked about of a study, at most `MOST_OBJECTS`.

    Parameters
    ----------
    session
        A writing session that holds the peer.
    peer, study_id
        Whom, and about what.
    maximum_requests
        Unanswered ones after which an object is left alone.

    Returns
    -------
    list of tuple of Delivery and StoredObject
        The rows, held until the end of the transaction, and what leaves of them.
    """
    study = lock_study(session, study_id)
    deliveries = session.scalars(
        select(Delivery)
        .join(Delivery.result)
        .where(
            Delivery.peer_id == peer.id,
            ResultObject.study_id == study_id,
            *_may_be_asked(now(), maximum_requests),
        )
        .order_by(Delivery.id)
        .limit(MOST_OBJECTS)
        .with_for_update(of=Delivery)
        .options(joinedload(Delivery.result))
        .execution_options(populate_existing=True)
    )
    return [(delivery, StoredObject.of(delivery, study.uid)) for delivery in deliveries]


def begin_anew(delivery: Delivery) -> None:
    """Forget what was asked and said of a delivery: its object leaves, or left, once more."""
    delivery.commitment_id = None
    delivery.committed_at = None
    delivery.asks = 0
    delivery.ask_at = None


def ask_all_anew(session: Session, peer_id: int) -> None:
    """Let a peer whose row was changed be asked about all that it has not committed itself to."""
    session.execute(
        update(Delivery)
        .where(Delivery.peer_id == peer_id, Delivery.state == DeliveryState.SENT)
        .values(asks=0, ask_at=None)
    )


def locked_peer(session: Session, peer_id: int) -> Peer:
    """Give a peer's row, held until the end of the transaction."""
    return session.scalars(
        select(Peer)
        .where(Peer.id == peer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _is_asked() -> ColumnElement[bool]:
    return and_(Peer.protocol == "dicom", Peer.commitment != CommitmentWay.NONE)


def _may_be_asked(at: datetime, maximum_requests: int) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions on a delivery and its result that its peer is to be asked about it."""
    under_way = select(Commitment.id).where(Commitment.state == CommitmentState.ASKED)
    return (
        Delivery.state == DeliveryState.SENT,
        Delivery.sent_at.is_not(None),
        Delivery.asks < maximum_requests,
        or_(Delivery.ask_at.is_(None), Delivery.ask_at <= at),
        or_(Delivery.commitment_id.is_(None), Delivery.commitment_id.not_in(under_way)),
        # Whoever took an object back may have removed it.
        Delivery.rejection_uid.is_(None),
        ResultObject.sop_class_uid != "",
        ResultObject.series_uid != "",
    )
