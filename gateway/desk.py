"""Shares out what waits for one peer among the lines that are open to it.

All that waits of one study goes on one line, in its order, so that nothing overtakes anything;
what is urgent is handed out first.
"""

import threading
import time
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import now
from core.quiet_hours import QuietHours
from core.states import SendingMode
from db.due import next_deliveries
from db.engine import Database
from db.models import Delivery
from gateway.carrier import Address, Parcel

_MOST: Final = 50
"""Deliveries that are listed at once; of what is cut off the rest comes next."""
_FRESH_SECONDS: Final = 1.0
"""For so long a list is worked off; then what has become urgent gets a chance to go first."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What waits of one study for a peer, as it was listed.

    Parameters
    ----------
    study_id
        The study.
    address
        The peer's.
    rehearsed
        Whether the peer is in a dry run, and nothing of it is sent.
    parcels
        In the order in which they go.
    """

    study_id: int
    address: Address
    rehearsed: bool
    parcels: tuple[Parcel, ...]


class Desk:
    """One peer's waiting deliveries; safe to share between its lines.

    Parameters
    ----------
    db
        Where they are.
    peer_id
        The peer.
    zone
        The site's, for quiet hours.
    """

    def __init__(self, db: Database, peer_id: int, zone: ZoneInfo) -> None:
        self._db = db
        self._peer_id = peer_id
        self._zone = zone
        self._changed = threading.Condition()
        self._rung = False
        self._list: list[Errand] = []
        self._listed_at = 0.0
        self._given: set[int] = set()

    def take(self) -> Errand | None:
        """Take the next study; None where none waits that no other line has, or it is quiet.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        with self._changed:
            self._rung = False
            if not self._list or time.monotonic() > self._listed_at + _FRESH_SECONDS:
                self._look()
            if not self._list or self.quiet(self._list[0].address):
                return None
            errand = self._list.pop(0)
            self._given.add(errand.study_id)
            return errand

    def done(self, errand: Errand) -> None:
        """Give a study back: what waits of it since may be taken by any line."""
        with self._changed:
            self._given.discard(errand.study_id)
            self._rung = True
            self._changed.notify_all()

    @property
    def more(self) -> bool:
        """Whether a study was listed that no line has."""
        return bool(self._list)

    def quiet(self, address: Address) -> bool:
        """Tell whether nothing is sent to the peer at this hour."""
        hours = QuietHours(address.quiet_from, address.quiet_until, self._zone)
        return hours.until(now()) is not None

    def ring(self) -> None:
        """Tell the lines that something may wait."""
        with self._changed:
            self._rung = True
            self._list.clear()
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait for a ring, for so long at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._rung, seconds)
            self._rung = False

    def _look(self) -> None:
        with self._db.read() as session:
            rows = next_deliveries(session, self._peer_id, _MOST, besides=sorted(self._given))
        self._list = [
            _errand(study_id, list(rows_of_it))
            for study_id, rows_of_it in groupby(rows, lambda row: row.result.study_id)
        ]
        self._listed_at = time.monotonic()


def _errand(study_id: int, rows: list[Delivery]) -> Errand:
    peer = rows[0].peer
    return Errand(
        study_id,
        Address.of(peer),
        peer.mode is SendingMode.DRY_RUN,
        tuple(map(Parcel.of, rows)),
    )
