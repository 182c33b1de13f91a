"""The delivery of results: has built what is to be published, and a courier at each due peer.

Everything it does is a row of the database, so it needs no broker and may be killed at any
moment: an object that was sent and not yet noted is sent again, under the same UID.
"""

import threading
import time
import uuid
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

import structlog

from core.clock import now
from core.errors import DatabaseAwayError
from core.process_mark import process_name
from core.quiet_hours import QuietHours
from core.settings import Settings
from db.due import due_peers
from db.engine import Database
from db.leases import Attempts, release_lost
from db.pauses import Pause
from db.spool import Spool
from gateway.bench import Bench
from gateway.building import Builder
from gateway.carrier import Address
from gateway.courier import Courier
from gateway.crash_pauses import CrashPauses

_log = structlog.get_logger()
_RELEASE_SECONDS: Final = 5.0
_GLANCE_SECONDS: Final = 0.02
"""How often the database is asked whether a study is to be published: what a result waits for it.
The question costs a third of a millisecond; a message from the worker could be lost."""
_PATIENCE_SECONDS: Final = 10.0
"""What couriers have to end at the exit; an object cut off then is sent again."""
_DATABASE_PAUSE_SECONDS: Final = 2.0


class Deliverer:
    """Builds and sends results; a context manager that ends its couriers.

    Each peer has a courier of its own while something is sent to it, so that a peer that is down,
    slow or frozen holds up nobody else.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where results are.
    """

    def __init__(self, settings: Settings, db: Database, spool: Spool) -> None:
        self._settings = settings
        self._db = db
        self._worker = f"{process_name()}:{uuid.uuid4().hex[:8]}"
        self._zone = ZoneInfo(settings.site.timezone)
        self._stop = threading.Event()
        self._rung = threading.Event()
        self._couriers: dict[int, Courier] = {}
        pauses = settings.delivery
        self._crash_pauses = CrashPauses(
            Pause(pauses.first_retry_seconds, pauses.longest_retry_seconds)
        )
        self._bench = Bench(db, Builder(settings, db, spool), self._worker, self._ring)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._ring()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for courier in self._couriers.values():
            courier.join(max(0.0, deadline - time.monotonic()))
        self._bench.join(deadline)

    def run(self, stop: threading.Event) -> None:
        """Build and send until `stop` is set; a database that is away is waited for."""
        release_at = look_at = 0.0
        while not stop.is_set():
            try:
                at = time.monotonic()
                if at >= release_at:
                    release_lost(self._db, Attempts.of(self._settings))
                    release_at = at + _RELEASE_SECONDS
                self._bench.begin_next()
                if self._rung.is_set() or at >= look_at:
                    self._rung.clear()
                    self._send_couriers()
                    look_at = at + self._settings.delivery.poll_seconds
            except DatabaseAwayError:
                _log.warning("database_away")
                stop.wait(_DATABASE_PAUSE_SECONDS)
                continue
            self._rung.wait(_GLANCE_SECONDS)

    def _ring(self) -> None:
        """Wake whoever sends: couriers under way at once, and who sends out others."""
        for courier in tuple(self._couriers.values()):
            courier.ring()
        self._rung.set()

    def _send_couriers(self) -> None:
        """Send a courier to each due peer that has none."""
        at = now()
        with self._db.read() as session:
            due = [Address.of(peer) for peer in due_peers(session, at)]
        ended = [one for one in self._couriers.items() if not one[1].under_way]
        for peer_id, courier in ended:
            self._crash_pauses.ended(peer_id, crashed=courier.crashed)
            del self._couriers[peer_id]
        for address in due:
            quiet = QuietHours(address.quiet_from, address.quiet_until, self._zone)
            if (
                address.peer_id not in self._couriers
                and quiet.until(at) is None
                and not self._crash_pauses.rests(address.peer_id)
            ):
                courier = Courier(
                    self._settings, self._db, address, worker=self._worker, stop=self._stop
                )
                self._couriers[address.peer_id] = courier
                courier.start()
