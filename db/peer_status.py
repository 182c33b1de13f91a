"""How each peer is: what waits for it, what it did last, and what it is waiting for."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.quiet_hours import QuietHours
from core.states import DeliveryState
from db.models import Delivery, Peer


def peer_status(session: Session, zone: ZoneInfo | None = None) -> list[dict[str, Any]]:
    """Give the state of every peer as JSON values, by name.

    Parameters
    ----------
    session
        A reading session.
    zone
        The site's, for quiet hours; None leaves them out.

    Returns
    -------
    list of dict
        `name`, `protocol`, `enabled`, `takes_results`, `mode`; `waiting`, `failed`, `held`,
        `rehearsed`: number of deliveries; `failures`: in a row; `next_attempt_at`, `last_sent_at`,
        `quiet_until`: ISO 8601 or None; `last_error`; `learned_sr_class`: the SR class that it
        turned out to take, empty where none was learned.
    """
    counts: dict[int, dict[DeliveryState, int]] = defaultdict(dict)
    for peer_id, state, count in session.execute(
        select(Delivery.peer_id, Delivery.state, func.count()).group_by(
            Delivery.peer_id, Delivery.state
        )
    ):
        counts[peer_id][state] = count
    return [
        _status(peer, counts[peer.id], zone)
        for peer in session.scalars(select(Peer).order_by(Peer.name))
    ]


def _status(peer: Peer, counts: dict[DeliveryState, int], zone: ZoneInfo | None) -> dict[str, Any]:
    quiet = None
    if zone is not None:
        quiet = QuietHours(peer.quiet_from, peer.quiet_until, zone).until(now())
    return {
        "name": peer.name,
        "protocol": peer.protocol,
        "enabled": peer.enabled,
        "takes_results": peer.takes_results,
        "mode": peer.mode.value,
        "waiting": counts.get(DeliveryState.WAITING, 0),
        "failed": counts.get(DeliveryState.FAILED, 0),
        "held": counts.get(DeliveryState.HELD, 0),
        "rehearsed": counts.get(DeliveryState.REHEARSED, 0),
        "failures": peer.failures,
        "next_attempt_at": _iso(peer.next_attempt_at),
        "quiet_until": _iso(quiet),
        "last_sent_at": _iso(peer.last_sent_at),
        "last_error": peer.last_error,
        "learned_sr_class": peer.learned_sr_class,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
