"""Requests for storage commitment as they leave, and the clock by which a peer is asked at all.

A request is a row before it leaves, so that whoever is killed in between leaves one that is not
answered in time, and another one is made under another UID. One request is about one study at one
peer.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from core.clock import now
from core.states import CommitmentWay
from db.commitments import StoredObject, locked_peer, take_stored
from db.models import Commitment


@dataclass(frozen=True, slots=True)
class Request:
    """A request for storage commitment that is noted and may leave.

    Parameters
    ----------
    commitment_id, transaction_uid
        Its row.
    objects
        What it is about.
    """

    commitment_id: int
    transaction_uid: str
    objects: tuple[StoredObject, ...]


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
    taken = take_stored(session, peer, study_id, maximum_requests=maximum_requests)
    if not taken:
        return None
    request = Commitment(
        peer_id=peer.id,
        # Never derived: a retry under the same UID would be the same transaction.
        transaction_uid=f"2.25.{uuid.uuid4().int}",
        due_at=now() + timedelta(seconds=peer.commitment_seconds),
    )
    session.add(request)
    session.flush()
    for delivery, _stored in taken:
        delivery.commitment_id = request.id
        delivery.asks += 1
        delivery.ask_at = None
    objects = tuple(stored for _delivery, stored in taken)
    return Request(request.id, request.transaction_uid, objects)


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
