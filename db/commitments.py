"""Which stored results their peers are still to be asked about, and the requests that ask.

"Sent" means that the peer answered success; "committed" that it said afterwards that it keeps the
object. A request for storage commitment is a row before it leaves, so that whoever is killed in
between leaves a request that is not answered in time, and another one is made under another UID.

One request is about one study at one peer. Locks are taken in the order of deliveries: the peer,
its study, the deliveries, the request.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core.clock import now
from core.states import CommitmentState, CommitmentWay, DeliveryState
from db.films import lock_study
from db.models import Commitment, Delivery, Peer, ResultObject, Study

MOST_OBJECTS: Final = 100
"""Objects of one request."""


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


@dataclass(frozen=True, slots=True)
class Request:
    """A request for storage commitment that is noted and may leave.

    Parameters
    ----------
    commitment_id, transaction_uid
        Its row.
    objects
        What it is about, at most `MOST_OBJECTS`.
    """

    commitment_id: int
    transaction_uid: str
    objects: tuple[StoredObject, ...]


def awaits_commitment() -> ColumnElement[bool]:
    """Give the condition on a delivery that its peer stored it and is to say that it keeps it.

    It holds also where the peer never answered and is asked no more: what may have to be sent
    again is needed until the peer's row says that it is not asked.
    """
    asked = select(Peer.id).where(_is_asked())
    return and_(Delivery.state == DeliveryState.SENT, Delivery.peer_id.in_(asked))


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
                _is_asked(),
                or_(Peer.commitment_at.is_(None), Peer.commitment_at <= at),
                waits,
            )
            .order_by(Peer.id)
        )
    )


def studies_to_ask(
    session: Session, peer: Peer, at: datetime, *, quiet_seconds: float, maximum_requests: int
) -> list[int]:
    """List the studies of which a peer is to be asked, those that wait longest first.

    Parameters
    ----------
    session
        A reading session.
    peer
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
            .where(Delivery.peer_id == peer.id, *_may_be_asked(at, maximum_requests))
            .group_by(ResultObject.study_id)
            .having(last <= at - timedelta(seconds=quiet_seconds))
            .order_by(last)
        )
    )


def open_request(
    session: Session, peer_id: int, study_id: int, *, maximum_requests: int
) -> Request | None:
    """Note a request for what is to be asked of a study; it may leave once this is committed.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_id, study_id
        Whom, and about what.
    maximum_requests
        Unanswered ones after which an object is left alone.

    Returns
    -------
    Request or None
        None where nothing is to be asked any more, or the peer is not to be asked so.
    """
    peer = locked_peer(session, peer_id)
    if not peer.enabled or peer.commitment is not CommitmentWay.ASK:
        return None
    deliveries = _take(session, peer, study_id, maximum_requests)
    if not deliveries:
        return None
    request = Commitment(
        peer_id=peer.id,
        # Never derived: a retry under the same UID would be another transaction's.
        transaction_uid=f"2.25.{uuid.uuid4().int}",
        due_at=now() + timedelta(seconds=peer.commitment_seconds),
    )
    session.add(request)
    session.flush()
    for delivery in deliveries:
        delivery.commitment_id = request.id
        delivery.asks += 1
        delivery.ask_at = None
    return Request(request.id, request.transaction_uid, _objects(session, deliveries, study_id))


def take_for_search(
    session: Session, peer_id: int, study_id: int, *, seconds: float
) -> tuple[StoredObject, ...]:
    """Take what is to be looked for at a peer by C-FIND, for so long.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_id, study_id
        Where, and of what.
    seconds
        Until then no other deliverer looks for the same; whoever is killed leaves it to them.
    """
    peer = locked_peer(session, peer_id)
    if not peer.enabled or peer.commitment is not CommitmentWay.FIND:
        return ()
    # Being asked costs nothing here: what was not answered was not asked.
    deliveries = _take(session, peer, study_id, maximum_requests=1 << 30)
    for delivery in deliveries:
        delivery.ask_at = now() + timedelta(seconds=seconds)
    return _objects(session, deliveries, study_id)


def put_off_asking(session: Session, peer_id: int, words: str, seconds: float) -> None:
    """Note that a peer could not be asked; it is left alone for so long."""
    peer = locked_peer(session, peer_id)
    peer.commitment_failures += 1
    peer.commitment_error = words
    peer.commitment_at = now() + timedelta(seconds=seconds)


def note_asked(session: Session, peer_id: int) -> None:
    """Note that a peer could be asked: what kept it from that is over."""
    peer = locked_peer(session, peer_id)
    peer.commitment_failures = 0
    peer.commitment_error = None
    peer.commitment_at = None


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


def _take(session: Session, peer: Peer, study_id: int, maximum_requests: int) -> Sequence[Delivery]:
    lock_study(session, study_id)
    return session.scalars(
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
    ).all()


def _objects(
    session: Session, deliveries: Sequence[Delivery], study_id: int
) -> tuple[StoredObject, ...]:
    study_uid = session.scalars(select(Study.uid).where(Study.id == study_id)).one()
    return tuple(StoredObject.of(delivery, study_uid) for delivery in deliveries)
