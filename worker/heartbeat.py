"""Keeps a worker's lease and its row alive, only as long as it makes progress.

A thread of its own writes to the database, so that the thread with the model is never held up;
that one tells its progress here at each token, and learns here that it must end.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from core.errors import DatabaseAwayError, LostLeaseError, RetriableError
from core.worker_settings import WorkerSettings
from db.engine import Database
from db.jobs import Claim, heartbeat
from db.workers import SignOfLife, sign_of_life
from worker.pulse import Pulse
from worker.vitals import VitalSigns

_log = structlog.get_logger()
_MOST_SECONDS = 5.0
_JOIN_SECONDS = 5.0


class StopAskedError(RetriableError):
    """The worker was told to stop in mid-reading."""


@dataclass(slots=True)
class _Held:
    """One thing that the worker has in hand; shared between the two threads under a lock."""

    claim: Claim | None = None
    lost: bool = False
    progress: str = "idle"
    progress_at: float = 0.0


class Heartbeat:
    """The thread; a context manager.

    Parameters
    ----------
    db
        The database.
    pulse
        Where the watchdog looks.
    sign
        Who the worker is.
    settings
        Lease and progress timeout, in seconds.
    """

    def __init__(
        self, db: Database, pulse: Pulse, sign: SignOfLife, settings: WorkerSettings
    ) -> None:
        self._db = db
        self._pulse = pulse
        self._sign = sign
        self._settings = settings
        # A question about a film is answered in the middle of another film's reading.
        self._held = [_Held()]
        self._lock = threading.Lock()
        self._stopping = False
        self.vitals = VitalSigns(sign.device)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    @contextmanager
    def holding(self, claim: Claim) -> Iterator[None]:
        """Keep the lease of a claim while the context lasts, and those of contexts around it."""
        held = _Held(claim, progress="claimed", progress_at=time.monotonic())
        with self._lock:
            self._held.append(held)
        self._pulse.beat()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop()

    def progress(self, stage: str) -> None:
        """Note that progress was made; cheap enough for each token.

        Raises
        ------
        LostLeaseError
            If somebody else holds the innermost claim by now.
        StopAskedError
            If the worker was told to stop.
        """
        self._pulse.beat()
        with self._lock:
            self._held[-1].progress = stage
            at = time.monotonic()
            for held in self._held:
                held.progress_at = at
            lost = self._held[-1].lost
        if lost:
            message = "the lease was lost in mid-reading"
            raise LostLeaseError(message)
        if self._stopping:
            message = "told to stop in mid-reading"
            raise StopAskedError(message)

    def stop_soon(self) -> None:
        """Have the next `progress` end the reading; safe in a signal handler."""
        self._stopping = True

    def beat(self) -> None:
        """Write one heartbeat now.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        with self._lock:
            inner = self._held[-1]
            held = [(one, one.claim, one.progress) for one in self._held]
            silence = time.monotonic() - inner.progress_at
        _, claim, progress = held[-1]
        job_id = None if claim is None else claim.job_id
        sign_of_life(
            self._db, self._sign, job_id=job_id, progress=progress, vitals=self.vitals.look()
        )
        if silence > self._settings.progress_timeout_seconds:
            return
        for one, claim, progress in held:
            if claim is not None:
                self._keep(one, claim, progress)

    def _keep(self, held: _Held, claim: Claim, progress: str) -> None:
        try:
            heartbeat(self._db, claim, progress, self._settings.lease_seconds)
        except LostLeaseError:
            # An end that the other thread wrote meanwhile looks the same; then nobody asks.
            with self._lock:
                held.lost = True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        pause = min(self._settings.lease_seconds / 4, _MOST_SECONDS)
        while True:
            try:
                self.beat()
            except DatabaseAwayError:
                _log.warning("heartbeat_without_database")
            except Exception as error:  # noqa: BLE001 - without this thread every lease would run out
                _log.error("heartbeat_failed", error=type(error).__name__)
            if self._ended.wait(pause):
                return
