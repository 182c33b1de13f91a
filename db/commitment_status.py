"""How many results peers only stored, and how many they committed themselves to."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.states import CommitmentState, CommitmentWay, DeliveryState
from db.models import Commitment, Delivery, Peer


def commitment_counts(session: Session) -> list[dict[str, Any]]:
    """Give, for each peer that is asked what it keeps, how far that is, as JSON values.

    Returns
    -------
    list of dict
        By `peer`: the `way` in which it is asked; numbers of results that are `stored` only and
        `committed`, that are `left` (stored, and asked about no more), and how often results were
        `lost`; `stored_since`, `asked_since`: the oldest result and the oldest request without an
        answer (ISO 8601, None where there is none); `error`: why it cannot be asked.
    """
    # What was taken back is asked about no more.
    stored = and_(Delivery.state == DeliveryState.SENT, Delivery.rejection_uid.is_(None))
    asked = and_(stored, Commitment.state == CommitmentState.ASKED)
    rows = session.execute(
        select(
            Peer,
            _number(stored),
            _number(Delivery.state == DeliveryState.COMMITTED),
            _number(and_(stored, _left())),
            func.coalesce(func.sum(Delivery.lost), 0),
            func.min(case((stored, Delivery.sent_at))),
            func.min(case((asked, Commitment.asked_at))),
        )
        .outerjoin(Delivery, Delivery.peer_id == Peer.id)
        .outerjoin(Commitment, Commitment.id == Delivery.commitment_id)
        .where(Peer.commitment != CommitmentWay.NONE, Peer.protocol == "dicom")
        .group_by(Peer.id)
        .order_by(Peer.name)
    )
    return [
        {
            "peer": peer.name,
            "way": peer.commitment.value,
            "stored": waiting,
            "committed": committed,
            "left": left,
            "lost": lost,
            "stored_since": None if stored_since is None else stored_since.isoformat(),
            "asked_since": None if asked_since is None else asked_since.isoformat(),
            "error": peer.commitment_error,
        }
        for peer, waiting, committed, left, lost, stored_since, asked_since in rows
    ]


def _left() -> ColumnElement[bool]:
    """Give the condition on a stored result that it was asked about in vain, and is no more."""
    return and_(
        Delivery.asks > 0,
        Delivery.ask_at.is_(None),
        or_(Commitment.id.is_(None), Commitment.state != CommitmentState.ASKED),
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
