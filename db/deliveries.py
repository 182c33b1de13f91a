"""What became of each delivery, and the one clock of each peer (`db.due` says what is due).

A failure that may pass puts off the peer, and the study of what failed for longer each time: an
object that fails again and again is its own trouble, and lets the peer's other studies go.
"""

from datetime import timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import DeliveryState, SendingMode
from db.audit import record
from db.commitments import begin_anew
from db.due import is_sent_to
from db.films import lock_study
from db.jobs import ask_publish
from db.latecomers import build_successors_anew
from db.models import (
    AuditAction,
    Delivery,
    Instance,
    Peer,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
    Study,
)
from db.pauses import Pause
from db.recalls import recall_of

_ACTOR = "delivery"
_PAUSE = Pause()


def begin(session: Session, delivery_id: int, *, worker: str) -> bool:
    """Note that a delivery is about to leave; False where it is not to leave now.

    It was superseded or taken back since it was listed, its peer was paused, or the peer is no
    longer this deliverer's. From here on its peer may have it, whatever becomes of the deliverer.
    """
    ours = exists().where(
        Peer.id == Delivery.peer_id,
        Peer.busy_worker == worker,
        Peer.mode != SendingMode.DRY_RUN,
        is_sent_to(),
    )
    begun = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING, ours)
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
    begin_anew(delivery)
    delivery.next_attempt_at = None
    _attempted(delivery, status, words)
    _answered(peer)
    peer.last_sent_at = delivery.sent_at
    _note(session, AuditAction.RESULT_SENT, peer, delivery)


def mark_failed(session: Session, delivery_id: int, status: int | None, words: str) -> None:
    """Note that the peer refused for good: one failed row, with its words."""
    peer, delivery = _locked(session, delivery_id)
    _attempted(delivery, status, words)
    _answered(peer)
    if delivery.state is DeliveryState.WAITING:
        delivery.state = DeliveryState.FAILED
    _note(session, AuditAction.RESULT_REFUSED, peer, delivery)


def mark_retry(
    session: Session,
    delivery_id: int,
    status: int | None,
    words: str,
    *,
    pause: Pause = _PAUSE,
) -> None:
    """Note a failure that may pass; nothing goes to the peer before its next time.

    What failed before puts its own study off for longer, and the peer for no longer than it is:
    else one object that its peer cannot store would hold up all others for longer each time.
    """
    peer, delivery = _locked(session, delivery_id)
    again = delivery.attempts > 0
    if delivery.state is DeliveryState.OBSOLETE and status is None:
        # Nobody knows whether the peer has it.
        _left_late(session, delivery)
    _attempted(delivery, status, words)
    if again:
        delivery.next_attempt_at = now() + timedelta(seconds=pause.after(delivery.attempts))
    if status is not None:
        # Its own words may name the patient: they stay with the delivery.
        study = session.get_one(Study, delivery.result.study_id)
        words = f"it answered {status:#06x} to an object of study {study.uid}"
    _put_off(peer, words, pause, counted=not again)


def peer_away(session: Session, peer_id: int, words: str, *, pause: Pause = _PAUSE) -> None:
    """Note that a peer could not be reached at all; nothing goes to it before its next time."""
    _put_off(_locked_peer(session, peer_id), words, pause)


def mark_rehearsed(session: Session, delivery_id: int, words: str) -> bool:
    """Note what would have become of a delivery.

    False where its peer is in no dry run any more, and of what left before: it waits to go again.
    """
    peer, delivery = _locked(session, delivery_id)
    if peer.mode is not SendingMode.DRY_RUN or delivery.state is not DeliveryState.WAITING:
        return False
    if delivery.sent_at is not None:
        # "Rehearsed" would hide that the peer has it.
        return False
    delivery.state = DeliveryState.REHEARSED
    delivery.words = words
    _answered(peer)
    return True


def put_back(delivery: Delivery) -> None:
    """Let a delivery of a locked peer and study wait once more, to be sent as the bytes it was."""
    if delivery.state is DeliveryState.FAILED and delivery.status is None:
        # It failed before it was sent: nobody need wonder whether the peer has it.
        delivery.attempts = 0
    delivery.state = DeliveryState.WAITING
    begin_anew(delivery)
    delivery.next_attempt_at = None
    delivery.changed_at = now()


def _note(session: Session, action: AuditAction, peer: Peer, delivery: Delivery) -> None:
    """Note who was given what, and how it ended; the peer's own words stay in the delivery."""
    result = delivery.result
    record(
        session,
        action,
        actor=_ACTOR,
        study_id=result.study_id,
        instance_id=result.instance_id,
        peer=peer.name,
        uid=result.uid,
        kind=result.kind.value,
        status=delivery.status,
    )


def _left_late(session: Session, delivery: Delivery) -> None:
    if _rejected(session, delivery):
        ask_publish(session, delivery.result.study_id)
    else:
        build_successors_anew(session, delivery)


def _rejected(session: Session, delivery: Delivery) -> bool:
    film = session.get_one(Instance, delivery.result.instance_id)
    reading = session.get_one(ReadingRow, delivery.result.reading_id)
    version = session.get_one(ReportVersionRow, delivery.result.version_id)
    return (
        film.rejection_code is not None
        or reading.withdrawn_code is not None
        or recall_of(session, version, delivery.peer_id) is not None
    )


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
    if not _rests(peer):
        peer.failures = 0
        peer.next_attempt_at = None
        peer.last_error = None


def _put_off(peer: Peer, words: str, pause: Pause, *, counted: bool = True) -> None:
    if _rests(peer):
        return
    if counted or not peer.failures:
        peer.failures += 1
    peer.next_attempt_at = now() + timedelta(seconds=pause.after(peer.failures))
    peer.last_error = words


def _rests(peer: Peer) -> bool:
    """Tell whether another line has put the peer off since: its word stands, and counts once."""
    return peer.next_attempt_at is not None and peer.next_attempt_at > now()
