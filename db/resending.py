"""Deliveries that a peer refused for good, put back at an administrator's word.

The same bytes leave under the same UID or message control id. What was overtaken since does not
(`db.overtaken`).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import WrongArgumentError
from core.states import DeliveryState
from db.audit import record
from db.films import lock_study
from db.models import AuditAction, Delivery, Peer, ResultObject, Study
from db.overtaken import overtaken

_ACTOR = "administrator"


def refused_studies(session: Session, peer_name: str, study_uid: str | None = None) -> list[int]:
    """List the studies of which a peer refused something for good.

    Raises
    ------
    WrongArgumentError
        If there is no such peer, or no such study.
    """
    peer = _peer(session, peer_name)
    if study_uid is not None:
        known = session.scalars(select(Study.id).where(Study.uid == study_uid)).first()
        if known is None:
            message = f"nothing of study {study_uid} ever came in"
            raise WrongArgumentError(message)
    query = (
        select(ResultObject.study_id)
        .join(Delivery, Delivery.result_id == ResultObject.id)
        .join(Study, Study.id == ResultObject.study_id)
        .where(Delivery.peer_id == peer.id, Delivery.state == DeliveryState.FAILED)
        .distinct()
        .order_by(ResultObject.study_id)
    )
    if study_uid is not None:
        query = query.where(Study.uid == study_uid)
    return list(session.scalars(query))


def resend(session: Session, peer_name: str, study_id: int) -> tuple[int, int]:
    """Let what a peer refused of a study wait for it once more.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_name, study_id
        Whom, and of what.

    Returns
    -------
    tuple of int
        How many are sent again, and how many stay as they are since they were overtaken.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    peer = _peer(session, peer_name, lock=True)
    lock_study(session, study_id)
    failed = session.scalars(
        select(Delivery)
        .join(Delivery.result)
        .where(
            Delivery.peer_id == peer.id,
            Delivery.state == DeliveryState.FAILED,
            ResultObject.study_id == study_id,
        )
        .order_by(Delivery.id)
    ).all()
    again = [one for one in failed if not overtaken(session, one.result, peer)]
    for delivery in again:
        delivery.state = DeliveryState.WAITING
        delivery.changed_at = now()
    if again:
        peer.next_attempt_at = None
        record(
            session,
            AuditAction.DELIVERIES_RESENT,
            actor=_ACTOR,
            study_id=study_id,
            peer=peer.name,
            uids=[delivery.result.uid for delivery in again],
        )
    return len(again), len(failed) - len(again)


def _peer(session: Session, name: str, *, lock: bool = False) -> Peer:
    query = select(Peer).where(Peer.name == name)
    # The peer before the study, as whoever notes an outcome does.
    found = session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if found is None:
        message = f"no peer is called {name}"
        raise WrongArgumentError(message)
    return found
