"""Builds the results of several studies at once, each publish job in a thread of its own.

Building is the interpreter's work and gains no speed by it; but a study that takes long, or never
comes to its end, holds up no other.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from core.errors import DatabaseAwayError
from core.states import JobKind
from db.due import publish_waits
from db.engine import Database
from db.jobs import Claim, claim
from gateway.building import Builder

_log = structlog.get_logger()
_LEASE_SECONDS: Final = 120.0
PLACES: Final = 2
"""Studies that are built at once; one that outlives its lease no longer counts."""


class Bench:
    """The places at which studies are built.

    Parameters
    ----------
    db
        Where the jobs are.
    builder
        Does one job.
    worker
        Name under which jobs are claimed.
    on_built
        Called after each job, in its thread.
    """

    def __init__(
        self, db: Database, builder: Builder, worker: str, on_built: Callable[[], None]
    ) -> None:
        self._db = db
        self._builder = builder
        self._worker = worker
        self._on_built = on_built
        self._threads: dict[threading.Thread, float] = {}

    def begin_next(self) -> bool:
        """Begin with the next job that is due, where there is one, and a place; never waits for it.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        self._threads = {
            thread: began for thread, began in self._threads.items() if thread.is_alive()
        }
        in_time = time.monotonic() - _LEASE_SECONDS
        if self._builder.rests or sum(at > in_time for at in self._threads.values()) >= PLACES:
            return False
        # Asked first: on SQLite a claim that finds nothing keeps every other writer waiting, too.
        if not publish_waits(self._db):
            return False
        held = claim(
            self._db, (JobKind.PUBLISH,), worker=self._worker, lease_seconds=_LEASE_SECONDS
        )
        if held is None:
            return False
        thread = threading.Thread(
            target=self._build, args=(held,), name=f"build-{held.job_id}", daemon=True
        )
        self._threads[thread] = time.monotonic()
        thread.start()
        return True

    def join(self, deadline: float) -> None:
        """Wait for what is being built until a time of the monotonic clock."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _build(self, held: Claim) -> None:
        try:
            self._builder.publish(held)
        except DatabaseAwayError:
            _log.warning("publish_interrupted", job_id=held.job_id, reason="database away")
        finally:
            self._on_built()
