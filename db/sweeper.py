"""A thread that puts right what was lost on the way: leases, rings, orphaned files."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from core.errors import DatabaseAwayError
from core.states import JobKind
from db.engine import Database
from db.jobs import waiting
from db.leases import Attempts, release_lost
from db.orphans import remove_orphans
from db.spool import BUCKETS, Spool
from db.waits import raise_waiting
from db.workers import forget_silent

_log = structlog.get_logger()
_ORPHAN_SECONDS = 3600.0
_SILENT_SECONDS = 3600.0


class Sweeper:
    """Sweeps at once and then every so often; a context manager.

    Parameters
    ----------
    db, spool
        Where.
    ring
        Called, and expected to return at once, when films or questions wait: their ring may be
        lost.
    every_seconds
        Pause between two sweeps.
    attempts
        How often a job is tried before it fails; None are the built-in numbers.
    orphan_seconds
        Age from which a kept file that nobody speaks of is an orphan; far more than a commit
        takes.
    """

    def __init__(
        self,
        db: Database,
        spool: Spool,
        ring: Callable[[], None],
        every_seconds: float,
        *,
        attempts: Attempts | None = None,
        orphan_seconds: float = _ORPHAN_SECONDS,
    ) -> None:
        self._db = db
        self._spool = spool
        self._ring = ring
        self._every = every_seconds
        self._attempts = attempts
        self._orphan_seconds = orphan_seconds
        self._bucket = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def sweep(self) -> None:
        """Sweep once: leases, lost rings, waits, gone workers, one sub-folder's orphans.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        released = release_lost(self._db, self._attempts)
        if released:
            _log.warning("leases_released", count=released)
        if waiting(self._db, [JobKind.DRAFT, JobKind.CHAT]):
            self._ring()
        risen = raise_waiting(self._db)
        if risen:
            _log.info("studies_waited_too_long", count=risen)
        forget_silent(self._db, _SILENT_SECONDS)
        removed = self._spool.sweep()
        removed += remove_orphans(self._db, self._spool, self._bucket, self._orphan_seconds)
        self._bucket = (self._bucket + 1) % BUCKETS
        if removed:
            _log.info("orphans_removed", count=removed)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.sweep()
            except DatabaseAwayError:
                _log.warning("sweep_failed", error="the database is away")
            except Exception:  # noqa: BLE001 - the thread must outlive whatever one sweep meets
                _log.exception("sweep_failed")
            self._stop.wait(self._every)
