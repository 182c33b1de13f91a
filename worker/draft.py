"""One film from the queue to its reading, or to the reason why there is none.

Every way to end is one transaction under the claim's fencing token. What cannot be written
because the lease was lost is dropped: somebody else has the film.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from core.errors import (
    DatabaseAwayError,
    EngineAwayError,
    FirstReadError,
    LostLeaseError,
    NotReadError,
    OutOfMemoryError,
    PermanentError,
    UnreadableObjectError,
)
from core.reading import Flag, Reading, new_reading_id
from core.settings import Settings
from core.states import JobKind
from db import jobs
from db.engine import Database
from db.readings import (
    FilmToRead,
    film_failed,
    film_for,
    film_not_read,
    film_quarantined,
    store_flags,
    store_reading,
)
from reader.protocol import Reader
from worker.ends import End, Ends
from worker.film import read_film
from worker.heartbeat import Heartbeat, StopAskedError

_log = structlog.get_logger()

_ENDS: dict[type[FirstReadError], Callable[[Database, jobs.Claim, str], None]] = {
    UnreadableObjectError: film_quarantined,
    NotReadError: film_not_read,
}
"""How a film ends by the error of its reading; every other permanent error fails it."""


def do_nothing() -> None:
    """Take the place of what else a worker does where there is nothing."""


@dataclass(frozen=True, slots=True)
class Drafter:
    """Reads claimed films, one at a time.

    Parameters
    ----------
    db
        The database.
    reader
        The loaded model.
    settings
        The whole tree: leases, attempts, idle time, the limit of pixels.
    heartbeat
        Keeps the leases.
    name
        The worker's name in claims.
    between
        Called at each token, between what the model does for the film.
    make_room
        Called where memory is short, before a film's second attempt.
    """

    db: Database
    reader: Reader
    settings: Settings
    heartbeat: Heartbeat
    name: str
    between: Callable[[], None] = do_nothing
    make_room: Callable[[], None] = do_nothing

    def draft_one(self) -> bool:
        """Claim the next film and bring it to its end; tell whether there was one.

        Raises
        ------
        DatabaseAwayError
            If no claim could be made, or its end not be written in the lease's time; the film
            goes back to the queue when the lease ends.
        """
        lease = self.settings.worker.lease_seconds
        claim = jobs.claim(self.db, (JobKind.DRAFT,), worker=self.name, lease_seconds=lease)
        if claim is None:
            return False
        with (
            structlog.contextvars.bound_contextvars(
                job=claim.job_id, instance=claim.instance_id, attempt=claim.attempts
            ),
            self.heartbeat.holding(claim),
        ):
            try:
                self._ends.write(self._end_of(claim))
            except LostLeaseError:
                _log.warning("lease_lost")
        return True

    @property
    def _ends(self) -> Ends:
        return Ends(self.db, self.settings.worker)

    def _end_of(self, claim: jobs.Claim) -> End:
        """Try to read a film; give the transaction that ends its draft."""
        try:
            film = film_for(self.db, claim)
            reading = self._read(claim, film)
        except (LostLeaseError, DatabaseAwayError):
            raise
        except StopAskedError:
            return partial(self._ends.give_back, claim)
        except EngineAwayError as error:
            return partial(self._ends.wait_for_engine, claim, str(error))
        except (PermanentError, OutOfMemoryError) as error:
            write = _ENDS.get(type(error), film_failed)
            _log.warning(write.__name__, error=type(error).__name__)
            self.heartbeat.vitals.film_ended()
            return partial(write, self.db, claim, str(error))
        except Exception as error:  # noqa: BLE001 - no film may take the worker with it
            return partial(self._ends.retry, claim, error)
        _log.info("film_read", reading=reading.id, timings=reading.timings)
        self.heartbeat.vitals.film_ended()
        return partial(
            store_reading,
            self.db,
            claim,
            reading,
            idle_seconds=self.settings.gateway.study_idle_seconds,
        )

    def _read(self, claim: jobs.Claim, film: FilmToRead) -> Reading:
        try:
            return self._pass(claim, film)
        except OutOfMemoryError:
            # The reader gave its own reserves back; what Python still holds of the failed pass
            # goes with this collection. A film that fails again is too large for this machine.
            _log.warning("out_of_memory")
        self.make_room()
        gc.collect()
        return self._pass(claim, film)

    def _pass(self, claim: jobs.Claim, film: FilmToRead) -> Reading:
        reading_id = new_reading_id()
        return read_film(
            film.path,
            self.reader,
            reading_id=reading_id,
            given=film.given,
            maximum_pixels=self.settings.gateway.maximum_pixels,
            quality_gate=self.settings.worker.quality_gate,
            asked_of_pixels=film.asked_of_pixels,
            on_flags=partial(self._flagged, claim, reading_id),
            on_progress=self._progress,
        )

    def _progress(self, stage: str) -> None:
        self.heartbeat.progress(stage)
        self.between()

    def _flagged(self, claim: jobs.Claim, reading_id: str, flags: tuple[Flag, ...]) -> None:
        try:
            store_flags(
                self.db,
                claim,
                reading_id,
                self.reader.identity,
                flags,
                idle_seconds=self.settings.gateway.study_idle_seconds,
            )
        except DatabaseAwayError:
            # They are part of the reading as well: no reason to throw the report away.
            _log.warning("flags_not_stored_yet", reading=reading_id)
