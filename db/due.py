"""What is due at which peer, in which order, and who brings it there.

A peer has one clock: after a failure that may pass, nothing goes to it before `next_attempt_at`,
and other peers are not held up. Within a study, results go in the order in which they were made:
one that is put off holds its own study, and nothing else of its peer.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased, joinedload

from core.clock import now
from core.states import DeliveryState, JobKind, JobState, ResultKind, SendingMode
from db.engine import Database
from db.models import Delivery, Job, Peer, ReadingRow, ResultObject, Study
from db.models.types import UTCDateTime


def publish_waits(db: Database) -> bool:
    """Tell whether a study is to be published now; asked all the time, so that it costs little."""
    with db.read() as session:
        return session.connection().execute(_PUBLISH_DUE, {"at": now()}).first() is not None


def due_peers(session: Session, at: datetime) -> list[Peer]:
    """List the enabled peers whose clock has come, and for whom something waits."""
    return list(session.scalars(_DUE_PEERS, {"at": at}))


def take_peer(session: Session, peer_id: int, *, worker: str, seconds: float) -> bool:
    """Take a peer for one deliverer for so long; False where another has it.

    Two deliverers at one peer could overtake each other within a study.
    """
    at = now()
    taken = session.execute(
        update(Peer)
        .where(
            Peer.id == peer_id,
            or_(Peer.busy_until.is_(None), Peer.busy_until <= at, Peer.busy_worker == worker),
        )
        .values(busy_worker=worker, busy_until=at + timedelta(seconds=seconds))
        .returning(Peer.id)
    ).first()
    return taken is not None


def leave_peer(session: Session, peer_id: int, *, worker: str) -> None:
    """Let go of a peer, if this deliverer still has it."""
    session.execute(
        update(Peer)
        .where(Peer.id == peer_id, Peer.busy_worker == worker)
        .values(busy_worker=None, busy_until=None)
    )


def next_deliveries(
    session: Session,
    peer_id: int,
    limit: int,
    *,
    besides: Collection[int] = (),
    at: datetime | None = None,
) -> list[Delivery]:
    """List the next deliveries to a peer in the order in which they must go.

    Parameters
    ----------
    session
        A reading one will do.
    peer_id, limit
        The peer, and how many at most.
    besides
        Studies that are left out.
    at
        Time of the question; None is now.

    Returns
    -------
    list of Delivery
        Each with its `result` and `peer` loaded: urgent studies first, then older ones, each
        study's results in the order in which they were made. A study whose results keep failing
        goes behind the others.
    """
    asked = {"peer": peer_id, "most": limit, "besides": list(besides), "at": at or now()}
    return list(session.scalars(_NEXT, asked))


def is_sent_to() -> ColumnElement[bool]:
    """Give the condition that a peer, joined to a delivery, is sent that delivery at present.

    In a dry run it is one that is rehearsed; what takes something back is not, since the peer has
    that something, nor is what left before: it waits.
    """
    return and_(
        Peer.enabled,
        Peer.takes_results,
        or_(
            Peer.mode.in_((SendingMode.SEND, SendingMode.DRY_RUN)),
            and_(
                Peer.mode == SendingMode.DRAIN,
                Delivery.created_at <= Peer.mode_changed_at,
            ),
        ),
    )


def _sendable() -> ColumnElement[bool]:
    takes_back = ResultObject.kind == ResultKind.REJECTION
    return and_(
        Delivery.state == DeliveryState.WAITING,
        is_sent_to(),
        # What the peer has, or had, is no rehearsal's to say: it goes once the dry run is over.
        or_(Peer.mode != SendingMode.DRY_RUN, and_(~takes_back, Delivery.sent_at.is_(None))),
        # A second lock on the rule that held deliveries keep: a demo never slips through. What
        # takes one back is none.
        or_(Peer.accepts_demo, ~ReadingRow.demo, takes_back),
        _of_no_study_put_off(),
    )


def _of_no_study_put_off() -> ColumnElement[bool]:
    later, of = aliased(Delivery), aliased(ResultObject)
    put_off = (
        select(later.peer_id, of.study_id)
        .join(of, of.id == later.result_id)
        .where(later.state == DeliveryState.WAITING, later.next_attempt_at > _AT)
    )
    return tuple_(Delivery.peer_id, ResultObject.study_id).not_in(put_off)


def _due_peers() -> Select[Peer]:
    waits = exists().where(
        Delivery.peer_id == Peer.id,
        Delivery.result_id == ResultObject.id,
        ResultObject.reading_id == ReadingRow.id,
        _sendable(),
    )
    return (
        select(Peer)
        .where(
            or_(Peer.next_attempt_at.is_(None), Peer.next_attempt_at <= _AT),
            or_(Peer.busy_until.is_(None), Peer.busy_until <= _AT),
            waits,
        )
        .order_by(Peer.id)
    )


def _next() -> Select[Delivery]:
    waiting = (
        select(
            Delivery.id,
            func.max(Delivery.attempts).over(partition_by=ResultObject.study_id).label("tried"),
            Study.tier,
            ResultObject.study_id,
        )
        .join(Delivery.result)
        .join(Delivery.peer)
        .join(ReadingRow, ReadingRow.id == ResultObject.reading_id)
        .join(Study, Study.id == ResultObject.study_id)
        .where(
            Delivery.peer_id == bindparam("peer"),
            ResultObject.study_id.not_in(bindparam("besides", expanding=True)),
            _sendable(),
        )
        .subquery()
    )
    return (
        select(Delivery)
        .join(waiting, waiting.c.id == Delivery.id)
        .order_by(waiting.c.tried, waiting.c.tier.desc(), waiting.c.study_id, waiting.c.id)
        .limit(bindparam("most"))
        .options(joinedload(Delivery.result), joinedload(Delivery.peer))
    )


# Built once: they are asked many times a second, and building them costs more than the answer.
_AT = bindparam("at", type_=UTCDateTime())
_PUBLISH_DUE = (
    select(Job.id)
    .where(Job.kind == JobKind.PUBLISH, Job.state == JobState.WAITING, Job.due_at <= _AT)
    .limit(1)
)
_DUE_PEERS = _due_peers()
_NEXT = _next()
