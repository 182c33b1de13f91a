"""Carries out what administrators ask of the gateway, one errand after the other."""

import uuid
from abc import abstractmethod

import structlog

from core.errors import FirstReadError, LostLeaseError
from core.process_mark import process_name
from core.states import JobKind
from db.engine import Database
from db.errands import Told, end_errand
from db.jobs import Claim, claim, waiting
from gateway.background import Background

_log = structlog.get_logger()
_MOST_ATTEMPTS = 3


class ErrandThread(Background):
    """A thread for errands of one kind; a context manager.

    Parameters
    ----------
    db
        Where they are.
    kind
        Of which errands.
    lease_seconds
        How long one may take before another process takes it up.
    """

    def __init__(self, db: Database, kind: JobKind, *, lease_seconds: float) -> None:
        super().__init__(kind.value)
        self._db = db
        self._kind = kind
        self._lease_seconds = lease_seconds
        self._worker = f"{process_name()}:{uuid.uuid4().hex[:8]}"

    @abstractmethod
    def carry_out(self, held: Claim) -> Told:
        """Do one errand and tell what came of it.

        Raises
        ------
        FirstReadError
            If it came to nothing; its text is told.
        """

    def end(self, held: Claim, told: Told) -> None:
        """Note what came of it.

        Raises
        ------
        LostLeaseError
            If somebody else has the errand by now.
        DatabaseAwayError
            If the database does not answer: it is carried out once more.
        """
        with self._db.write() as session:
            end_errand(session, held, told)

    def step(self) -> bool:
        """Carry out one errand; tell whether there was one.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        if not waiting(self._db, (self._kind,)):
            return False
        held = claim(
            self._db, (self._kind,), worker=self._worker, lease_seconds=self._lease_seconds
        )
        if held is None:
            return False
        told = self._told(held)
        _log.info(
            "errand_carried_out", job=held.job_id, kind=self._kind.value, failed=bool(told.error)
        )
        try:
            self.end(held, told)
        except LostLeaseError:
            _log.warning("errand_lost", job=held.job_id)
        return True

    def _told(self, held: Claim) -> Told:
        if held.attempts > _MOST_ATTEMPTS:
            return Told("", "whoever carried it out stopped answering, each time")
        try:
            return self.carry_out(held)
        except FirstReadError as error:
            return Told("", str(error))
        except Exception as error:  # noqa: BLE001 - the asker is told, whatever happened
            _log.error("errand_failed", job=held.job_id, error=type(error).__name__)
            return Told("", f"it failed for a reason that nobody foresaw ({type(error).__name__})")
