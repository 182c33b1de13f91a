"""Keeps a fetch its holder's while a peer is sending, by a short lease that is renewed.

The lease is short, so that a killed gateway's fetch waits for seconds and not for as long as the
largest study takes.
"""

import threading
from types import TracebackType
from typing import Self

from core.errors import DatabaseAwayError, LostLeaseError
from db.engine import Database
from db.retrievals import Fetch, renew

LEASE_SECONDS = 10.0
_RENEW_SECONDS = 2.5


class FetchHold:
    """Renews the lease of a claimed fetch; a context manager.

    Parameters
    ----------
    db
        Where the fetches are.
    fetch
        Which; claimed for `LEASE_SECONDS`.
    """

    def __init__(self, db: Database, fetch: Fetch) -> None:
        self._db = db
        self._fetch = fetch
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._renew, name=f"fetch-{fetch.retrieval_id}", daemon=True
        )
        self.kept = True
        """Whether it is still this holder's, as far as is known."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while self.kept and not self._over.wait(_RENEW_SECONDS):
            try:
                renew(self._db, self._fetch, LEASE_SECONDS)
            except LostLeaseError:
                self.kept = False
            except DatabaseAwayError:
                # The lease may end before the database is back; the next renewal tells.
                continue
