"""Peers as an administrator looks at them: rights, mode, what waits, and when they last spoke."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.quiet_hours import QuietHours
from core.states import DeliveryState, SendingMode
from db.echoes import last_echoes
from db.errands import LastErrand
from db.models import Delivery, Peer


@dataclass(frozen=True, slots=True)
class PeerState:
    """One peer.

    Parameters
    ----------
    name, protocol, ae_title, host, port, tls
        Who and where it is.
    enabled, sends_films, takes_results, gives_priors, takes_rejections
        Its rights.
    mode, mode_changed_at
        What becomes of results for it, and since when (None: ever since).
    waiting, failed, held, rehearsed
        Numbers of deliveries.
    oldest_waiting_at
        When the oldest that waits was entered; None where none does.
    last_received_at, last_sent_at
        When it last sent an object, and took one; None for never.
    failures, last_error, next_attempt_at
        Failed attempts in a row, the last one's words, and when it is tried again (None: at once).
    quiet_until
        End of its quiet hours; None outside of them.
    echo
        How the last echo went; None where nobody asked.
    """

    name: str
    protocol: str
    ae_title: str
    host: str
    port: int
    tls: bool
    enabled: bool
    sends_films: bool
    takes_results: bool
    gives_priors: bool
    takes_rejections: bool
    mode: SendingMode
    mode_changed_at: datetime | None
    waiting: int
    failed: int
    held: int
    rehearsed: int
    oldest_waiting_at: datetime | None
    last_received_at: datetime | None
    last_sent_at: datetime | None
    failures: int
    last_error: str
    next_attempt_at: datetime | None
    quiet_until: datetime | None
    echo: LastErrand | None


_Numbers = dict[DeliveryState, tuple[int, datetime | None]]
_COUNTED = (
    DeliveryState.WAITING,
    DeliveryState.FAILED,
    DeliveryState.HELD,
    DeliveryState.REHEARSED,
)


def peer_states(session: Session, zone: ZoneInfo) -> list[PeerState]:
    """Give every peer by name; `zone` is the site's, for quiet hours."""
    numbers: dict[int, _Numbers] = {}
    for peer_id, state, number, oldest in session.execute(
        select(Delivery.peer_id, Delivery.state, func.count(), func.min(Delivery.created_at))
        .where(Delivery.state.in_(_COUNTED))
        .group_by(Delivery.peer_id, Delivery.state)
    ):
        numbers.setdefault(peer_id, {})[state] = number, oldest
    echoes = last_echoes(session)
    peers: Sequence[Peer] = session.scalars(select(Peer).order_by(Peer.name)).all()
    return [_state(peer, numbers.get(peer.id, {}), echoes.get(peer.id), zone) for peer in peers]


def _state(peer: Peer, numbers: _Numbers, echo: LastErrand | None, zone: ZoneInfo) -> PeerState:
    nothing: tuple[int, datetime | None] = (0, None)
    waiting, oldest = numbers.get(DeliveryState.WAITING, nothing)
    return PeerState(
        name=peer.name,
        protocol=peer.protocol,
        ae_title=peer.ae_title,
        host=peer.host,
        port=peer.port,
        tls=peer.tls,
        enabled=peer.enabled,
        sends_films=peer.sends_films,
        takes_results=peer.takes_results,
        gives_priors=peer.gives_priors,
        takes_rejections=peer.takes_rejections,
        mode=peer.mode,
        mode_changed_at=peer.mode_changed_at,
        waiting=waiting,
        failed=numbers.get(DeliveryState.FAILED, nothing)[0],
        held=numbers.get(DeliveryState.HELD, nothing)[0],
        rehearsed=numbers.get(DeliveryState.REHEARSED, nothing)[0],
        oldest_waiting_at=oldest,
        last_received_at=peer.last_received_at,
        last_sent_at=peer.last_sent_at,
        failures=peer.failures,
        last_error=peer.last_error or "",
        next_attempt_at=peer.next_attempt_at,
        quiet_until=QuietHours(peer.quiet_from, peer.quiet_until, zone).until(now()),
        echo=echo,
    )
