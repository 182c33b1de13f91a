"""What is due at which peer, and what became of it.

A peer has one clock: after a failure that may pass, nothing goes to it before `next_attempt_at`,
and other peers are not held up. Within a study, results go in the order in which they were made.
A study whose first result keeps failing goes behind the peer's other studies.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from core.clock import now
from core.states import DeliveryState, ResultKind
from db.films import lock_study
from db.jobs import ask_publish
from db.latecomers import build_successors_anew
from db.models import Delivery, Instance, Peer, ReadingRow, ResultObject, Study
from db.pauses import Pause

_PAUSE = Pause()


def due_peers(session: Session, at: datetime) -> list[Peer]:
    """List the enabled peers whose clock has come, and for whom something waits."""
    waits = exists().where(
        Delivery.peer_id == Peer.id,
        Delivery.result_id == ResultObject.id,
        ResultObject.reading_id == ReadingRow.id,
        _sendable(),
    )
    return list(
        session.scalars(
            select(Peer)
            .where(
                or_(Peer.next_attempt_at.is_(None), Peer.next_attempt_at <= at),
                or_(Peer.busy_until.is_(None), Peer.busy_until <= at),
                waits,
            )
            .order_by(Peer.id)
        )
    )


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


def next_deliveries(session: Session, peer_id: int, limit: int) -> list[Delivery]:
    """List the next deliveries to a peer in the order in which they must go.

    Returns
    -------
    list of Delivery
        Each with its `result` and `peer` loaded: urgent studies first, then older ones, each
        study's results in the order in which they were made.
    """
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
        .where(Delivery.peer_id == peer_id, _sendable())
        .subquery()
    )
    return list(
        session.scalars(
            select(Delivery)
            .join(waiting, waiting.c.id == Delivery.id)
            .order_by(waiting.c.tried, waiting.c.tier.desc(), waiting.c.study_id, waiting.c.id)
            .limit(limit)
            .options(joinedload(Delivery.result), joinedload(Delivery.peer))
        )
    )


def begin(session: Session, delivery_id: int) -> bool:
    """Note that a delivery is about to leave; False where it is not to leave any more.

    From here on its peer may have it, whatever becomes of the deliverer.
    """
    begun = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING)
        .values(begun_at=now())
        .returning(Delivery.id)
    ).first()
    return begun is not None


def mark_sent(session: Session, delivery_id: int, status: int | None, words: str) -> None:
    """Note that the peer answered success for this very object; its clock starts anew.

    An object that became obsolete while it was under way is noted as sent: it left. Where its film
    or its draft was rejected meanwhile, its study is published once more, so that it is taken back.
    Where it was superseded, what follows it is built anew, so that it is named.
    """
    peer, delivery = _locked(session, delivery_id)
    if delivery.state is DeliveryState.OBSOLETE:
        _left_late(session, delivery)
    delivery.state = DeliveryState.SENT
    delivery.sent_at = now()
    _attempted(delivery, status, words)
    _answered(peer)
    peer.last_sent_at = delivery.sent_at


def mark_failed(session: Session, delivery_id: int, status: int | None, words: str) -> None:
    """Note that the peer refused for good: one failed row, with its words."""
    peer, delivery = _locked(session, delivery_id)
    _attempted(delivery, status, words)
    _answered(peer)
    if delivery.state is DeliveryState.WAITING:
        delivery.state = DeliveryState.FAILED


def mark_retry(
    session: Session,
    delivery_id: int,
    status: int | None,
    words: str,
    *,
    pause: Pause = _PAUSE,
) -> None:
    """Note a failure that may pass; nothing goes to the peer before its next time."""
    peer, delivery = _locked(session, delivery_id)
    if delivery.state is DeliveryState.OBSOLETE and status is None:
        # Nobody knows whether the peer has it.
        _left_late(session, delivery)
    _attempted(delivery, status, words)
    _put_off(peer, words, pause)


def peer_away(session: Session, peer_id: int, words: str, *, pause: Pause = _PAUSE) -> None:
    """Note that a peer could not be reached at all; nothing goes to it before its next time."""
    _put_off(_locked_peer(session, peer_id), words, pause)


def _sendable() -> ColumnElement[bool]:
    return and_(
        Delivery.state == DeliveryState.WAITING,
        Peer.enabled,
        Peer.takes_results,
        # A second lock on the rule that held deliveries keep: a demo never slips through. What
        # takes one back is none.
        or_(Peer.accepts_demo, ~ReadingRow.demo, ResultObject.kind == ResultKind.REJECTION),
    )


def _left_late(session: Session, delivery: Delivery) -> None:
    if _rejected(session, delivery):
        ask_publish(session, delivery.result.study_id)
    else:
        build_successors_anew(session, delivery)


def _rejected(session: Session, delivery: Delivery) -> bool:
    film = session.get_one(Instance, delivery.result.instance_id)
    reading = session.get_one(ReadingRow, delivery.result.reading_id)
    return film.rejection_code is not None or reading.withdrawn_code is not None


def _locked(session: Session, delivery_id: int) -> tuple[Peer, Delivery]:
    # Always the peer before the study before its deliveries, so that no two transactions wait for
    # each other.
    peer_id, study_id = session.execute(
        select(Delivery.peer_id, ResultObject.study_id)
        .join(Delivery.result)
        .where(Delivery.id == delivery_id)
    ).one()
    peer = _locked_peer(session, peer_id)
    lock_study(session, study_id)
    delivery = session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return peer, delivery


def _locked_peer(session: Session, peer_id: int) -> Peer:
    return session.scalars(
        select(Peer)
        .where(Peer.id == peer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _attempted(delivery: Delivery, status: int | None, words: str) -> None:
    delivery.attempts += 1
    delivery.begun_at = None
    delivery.status = status
    delivery.words = words


def _answered(peer: Peer) -> None:
    peer.failures = 0
    peer.next_attempt_at = None
    peer.last_error = None


def _put_off(peer: Peer, words: str, pause: Pause) -> None:
    peer.failures += 1
    peer.next_attempt_at = now() + timedelta(seconds=pause.after(peer.failures))
    peer.last_error = words
