"""Holds a peer for one deliverer, by a short lease that is renewed.

Two deliverers at one peer could overtake each other within a study. The lease is short, so that
a killed deliverer's peers wait for seconds and not for a frozen peer's whole time-out.
"""

import threading
from types import TracebackType
from typing import Self

from core.errors import DatabaseAwayError
from db.due import leave_peer, take_peer
from db.engine import Database

LEASE_SECONDS = 10.0
_RENEW_SECONDS = 2.5


class PeerHold:
    """The hold on one peer; a context manager.

    Parameters
    ----------
    db
        Where the peers are.
    peer_id
        Which.
    worker
        Who holds it.
    """

    def __init__(self, db: Database, peer_id: int, worker: str) -> None:
        self._db = db
        self._peer_id = peer_id
        self._worker = worker
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"hold-{peer_id}", daemon=True)
        self.kept = False
        """Whether the peer is this deliverer's; looked at before each object."""

    def __enter__(self) -> Self:
        self.kept = self._take()
        if self.kept:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if self.kept:
            with self._db.write() as session:
                leave_peer(session, self._peer_id, worker=self._worker)

    def _renew(self) -> None:
        while self.kept and not self._over.wait(_RENEW_SECONDS):
            try:
                self.kept = self._take()
            except DatabaseAwayError:
                # The lease may end before the database is back; the next renewal tells.
                continue

    def _take(self) -> bool:
        with self._db.write() as session:
            return take_peer(session, self._peer_id, worker=self._worker, seconds=LEASE_SECONDS)
