"""Results that go to a peer once more at an administrator's word.

The same bytes leave under the same UID or message control id. What was overtaken since does not
(`db.overtaken`), nor what was taken back there, nor what is no longer kept.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.errors import WrongArgumentError
from core.states import STORED_STATES, DeliveryState
from db.audit import record
from db.commitments import begin_anew
from db.deliveries import put_back
from db.films import lock_study
from db.models import AuditAction, Delivery, Peer, ResultObject, Study
from db.overtaken import overtaken
from db.sending_modes import locked_peer

REFUSED: Final = (DeliveryState.FAILED,)
"""States of what a peer refused for good."""
DONE: Final = (*STORED_STATES, DeliveryState.FAILED, DeliveryState.REHEARSED)
"""States of all that waits for nothing."""


@dataclass(frozen=True, slots=True)
class Resent:
    """What became of a wish to send again.

    Parameters
    ----------
    again
        Number of results that wait for the peer once more.
    overtaken
        Number of those that something took the place of, or that were rejected or taken back.
    removed
        Number of those whose files are no longer kept.
    """

    again: int = 0
    overtaken: int = 0
    removed: int = 0

    def __add__(self, other: "Resent") -> "Resent":
        """Count two together."""
        return Resent(
            self.again + other.again,
            self.overtaken + other.overtaken,
            self.removed + other.removed,
        )


def study_number(session: Session, study_uid: str) -> int:
    """Give the row of a study.

    Raises
    ------
    WrongArgumentError
        If nothing of it ever came in.
    """
    found = session.scalars(select(Study.id).where(Study.uid == study_uid)).first()
    if found is None:
        message = f"nothing of study {study_uid} ever came in"
        raise WrongArgumentError(message)
    return found


def refused_studies(session: Session, peer_name: str, study_uid: str | None = None) -> list[int]:
    """List the studies of which a peer refused something for good.

    Raises
    ------
    WrongArgumentError
        If there is no such peer, or no such study.
    """
    peer_id = _peer_number(session, peer_name)
    query = (
        select(ResultObject.study_id)
        .join(Delivery, Delivery.result_id == ResultObject.id)
        .where(Delivery.peer_id == peer_id, Delivery.state.in_(REFUSED))
        .distinct()
        .order_by(ResultObject.study_id)
    )
    if study_uid is not None:
        query = query.where(ResultObject.study_id == study_number(session, study_uid))
    return list(session.scalars(query))


def receivers(session: Session, study_id: int, peer_name: str | None = None) -> list[str]:
    """Name the peers for which anything was made of a study, or the one that is named.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    if peer_name is not None:
        _peer_number(session, peer_name)
    query = (
        select(Peer.name)
        .join(Delivery, Delivery.peer_id == Peer.id)
        .join(Delivery.result)
        .where(ResultObject.study_id == study_id)
        .distinct()
        .order_by(Peer.name)
    )
    return [name for name in session.scalars(query) if peer_name in {None, name}]


def resend(
    session: Session,
    peer_name: str,
    study_id: int,
    *,
    actor: str,
    states: Collection[DeliveryState] = REFUSED,
) -> Resent:
    """Let what is done with of a study wait for a peer once more.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_name, study_id
        Whom, and of what.
    actor
        Who wants it.
    states
        Which of it.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    peer = locked_peer(session, peer_name)
    lock_study(session, study_id)
    found = session.scalars(
        select(Delivery)
        .join(Delivery.result)
        .where(
            Delivery.peer_id == peer.id,
            Delivery.state.in_(states),
            ResultObject.study_id == study_id,
        )
        .order_by(Delivery.id)
        .options(joinedload(Delivery.result))
        .execution_options(populate_existing=True)
    ).all()
    standing = [one for one in found if not _overtaken(session, one, peer)]
    again = [one for one in standing if one.result.removed_at is None]
    for delivery in again:
        begin_anew(delivery)
        put_back(delivery)
    if again:
        peer.next_attempt_at = None
        record(
            session,
            AuditAction.DELIVERIES_RESENT,
            actor=actor,
            study_id=study_id,
            peer=peer.name,
            uids=[delivery.result.uid for delivery in again],
        )
    return Resent(len(again), len(found) - len(standing), len(standing) - len(again))


def _overtaken(session: Session, delivery: Delivery, peer: Peer) -> bool:
    return delivery.rejection_uid is not None or overtaken(session, delivery.result, peer)


def _peer_number(session: Session, name: str) -> int:
    found = session.scalars(select(Peer.id).where(Peer.name == name)).one_or_none()
    if found is None:
        message = f"no peer is called {name}"
        raise WrongArgumentError(message)
    return found
