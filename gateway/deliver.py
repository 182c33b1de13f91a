"""The delivery of results: builds what is to be published, and keeps a courier at each due peer.

Everything it does is a row of the database, so it needs no broker and may be killed at any
moment: an object that was sent and not yet noted is sent again, under the same UID.
"""

import threading
import time
import uuid
from types import TracebackType
from typing import Self

import structlog

from core.clock import now
from core.errors import DatabaseAwayError
from core.process_mark import process_name
from core.settings import Settings
from core.states import JobKind
from db.deliveries import due_peers
from db.engine import Database
from db.jobs import claim
from db.leases import Attempts, release_lost
from db.spool import Spool
from gateway.building import Builder
from gateway.carrier import Address
from gateway.courier import Courier

_log = structlog.get_logger()
_LEASE_SECONDS = 120.0
_RELEASE_SECONDS = 5.0
_PATIENCE_SECONDS = 10.0
"""What couriers have to end at the exit; an object cut off then is sent again."""
_DATABASE_PAUSE_SECONDS = 2.0


class Deliverer:
    """Builds and sends results; a context manager that ends its couriers.

    Each peer has a thread of its own while something is sent to it, so that a peer that is down,
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
        self._stop = threading.Event()
        self._builder = Builder(settings, db, spool)
        self._courier = Courier(settings, db, worker=self._worker, stop=self._stop)
        self._under_way: dict[int, threading.Thread] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for thread in self._under_way.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def step(self) -> bool:
        """Build one study's results, and send a courier to each due peer that has none.

        Returns
        -------
        bool
            Whether there was anything to do; couriers may still be under way.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        built = self._publish_one()
        return self._send_couriers() or built

    def run(self, stop: threading.Event) -> None:
        """Step until `stop` is set; a database that is away is waited for."""
        poll = self._settings.delivery.poll_seconds
        release_at = 0.0
        while not stop.is_set():
            try:
                if time.monotonic() >= release_at:
                    release_lost(self._db, Attempts.of(self._settings))
                    release_at = time.monotonic() + _RELEASE_SECONDS
                busy = self.step()
            except DatabaseAwayError:
                _log.warning("database_away")
                stop.wait(max(poll, _DATABASE_PAUSE_SECONDS))
                continue
            if not busy:
                stop.wait(poll)

    def _publish_one(self) -> bool:
        if self._builder.rests:
            return False
        held = claim(
            self._db, (JobKind.PUBLISH,), worker=self._worker, lease_seconds=_LEASE_SECONDS
        )
        if held is None:
            return False
        self._builder.publish(held)
        return True

    def _send_couriers(self) -> bool:
        with self._db.read() as session:
            due = [Address.of(peer) for peer in due_peers(session, now())]
        self._under_way = {
            peer_id: thread for peer_id, thread in self._under_way.items() if thread.is_alive()
        }
        sent = False
        for address in due:
            if address.peer_id not in self._under_way:
                thread = threading.Thread(
                    target=self._courier.run,
                    args=(address,),
                    name=f"courier-{address.peer_id}",
                    daemon=True,
                )
                self._under_way[address.peer_id] = thread
                thread.start()
                sent = True
        return sent
