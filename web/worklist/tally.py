"""The numbers of the worklist, counted once for all who look at about the same time."""

import threading
import time
from datetime import timedelta
from typing import Final

from db.engine import Database
from db.worklist_counts import WorklistCounts, worklist_counts

_SHARE: Final = 20
"""A count is good for so many times the time it took: a small worklist is counted each time."""
_LONGEST_SECONDS: Final = 2.0


class Tally:
    """Counts, and remembers for a moment.

    Parameters
    ----------
    db
        The database.
    unopened_after
        How long a positive flag may wait for somebody to open its study.
    """

    def __init__(self, db: Database, unopened_after: timedelta) -> None:
        self._db = db
        self._unopened_after = unopened_after
        self._lock = threading.Lock()
        self._counts: WorklistCounts | None = None
        self._good_until = 0.0

    def counts(self) -> WorklistCounts:
        """Give the numbers, at most a moment old.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        asked = time.monotonic()
        with self._lock:
            # Counted while one waited is counted since one asked.
            if self._counts is None or self._good_until < asked:
                begun = time.monotonic()
                with self._db.read() as session:
                    self._counts = worklist_counts(session, self._unopened_after)
                taken = time.monotonic() - begun
                self._good_until = begun + min(_SHARE * taken, _LONGEST_SECONDS)
            return self._counts
