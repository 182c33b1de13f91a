"""The ways in which any claimed work ends: written under its token, tried again, or given back."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.errors import DatabaseAwayError, FirstReadError
from core.worker_settings import WorkerSettings
from db import jobs
from db.engine import Database

_log = structlog.get_logger()
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_WRITE_PAUSE = 0.25

End = Callable[[], object]
"""The transaction with which a claim ends."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Writes how claims end.

    Parameters
    ----------
    db
        The database.
    settings
        Leases, attempts, and how long an engine that is away is left alone.
    """

    db: Database
    settings: WorkerSettings

    def write(self, end: End) -> None:
        """Write an end; a database that is away for less than a lease costs no work.

        A commit whose answer was lost may have been done: the second try then finds the claim
        at its end, which counts as a lost lease, and nothing is written twice.

        Raises
        ------
        DatabaseAwayError
            If it does not come back in the lease's time.
        LostLeaseError
            If somebody else has the job by now.
        """
        deadline = time.monotonic() + self.settings.lease_seconds
        while True:
            try:
                end()
            except DatabaseAwayError:
                if time.monotonic() > deadline:
                    raise
                _log.warning("end_not_written_yet")
                time.sleep(_WRITE_PAUSE)
            else:
                return

    def retry(self, claim: jobs.Claim, error: Exception) -> None:
        """Put a job back for another attempt after a pause, or fail it where none is left."""
        with self.db.write() as session:
            state = jobs.retry(
                session,
                claim,
                words_of(error),
                maximum_attempts=self.settings.maximum_attempts,
                pause_seconds=min(_FIRST_PAUSE * 2 ** (claim.attempts - 1), _LONGEST_PAUSE),
            )
        _log.warning("attempt_failed", job_state=state)

    def wait_for_engine(self, claim: jobs.Claim, words: str) -> None:
        """Put a film back for as long as it takes: that the engine is away is not its fault."""
        with self.db.write() as session:
            jobs.give_back(session, claim, words, pause_seconds=self.settings.away_pause_seconds)
        _log.warning("engine_away", reason=words)

    def give_back(self, claim: jobs.Claim) -> None:
        """Put a job back, since the worker was told to stop."""
        with self.db.write() as session:
            jobs.give_back(session, claim)
        _log.info("given_back")


def words_of(error: Exception) -> str:
    """Give what may be shown and kept of an error.

    The text of an unforeseen one may hold a header's value, so only its kind and place are told.
    """
    if isinstance(error, FirstReadError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unforeseen {type(error).__name__}{place}"
