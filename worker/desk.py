"""Where a worker sits: it looks for questions and films when the bell rings, and by its clock."""

import contextlib
import queue

import structlog

from core.errors import DatabaseAwayError
from core.states import JobKind
from core.worker_settings import WorkerSettings
from db.engine import Database
from db.leases import Attempts, release_lost
from worker.chat import Talker
from worker.draft import Drafter
from worker.pulse import Pulse

_log = structlog.get_logger()
WORK = (JobKind.CHAT, JobKind.DRAFT)
"""What a worker does."""
LOOK_SECONDS = 3.0
"""Between two looks without a ring: what a lost ring costs at most."""


class Desk:
    """Answers questions and reads films until it is told to stop; questions come first.

    After each question a film has its turn, which the next question interrupts: films are read
    however many persons ask.

    Parameters
    ----------
    db
        The database.
    talker
        Answers one question at a time.
    drafter
        Reads one film at a time.
    pulse
        Beats at each look.
    settings
        Attempts at one film, and how long the watchdog lets an idle desk be silent.
    look_seconds
        Between two looks without a ring, at most.
    """

    def __init__(
        self,
        db: Database,
        talker: Talker,
        drafter: Drafter,
        pulse: Pulse,
        settings: WorkerSettings,
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._db = db
        self._talker = talker
        self._drafter = drafter
        self._pulse = pulse
        self._attempts = Attempts(films=settings.maximum_attempts)
        # Each look is a beat: an idle desk must not look like one that hangs.
        self._look_seconds = min(look_seconds, settings.progress_timeout_seconds / 4)
        # Its put may be called in a signal handler, an event's set may not.
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._stopping = False

    def ring(self) -> None:
        """Have it look at once; from any thread."""
        self._rings.put(None)

    def stop(self) -> None:
        """Have it end after what it has in hand; safe in a signal handler."""
        self._stopping = True
        self._rings.put(None)

    def run(self) -> None:
        """Look for work until `stop`."""
        while not self._stopping:
            try:
                self._look()
            except DatabaseAwayError:
                _log.warning("database_away")
            self._wait()

    def _wait(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._rings.get(timeout=self._look_seconds)
            # One look answers all that rang until now.
            while True:
                self._rings.get_nowait()

    def _look(self) -> None:
        self._pulse.beat()
        release_lost(self._db, self._attempts, WORK)
        while not self._stopping and self._do_one():
            self._pulse.beat()

    def _do_one(self) -> bool:
        asked = self._talker.answer_one()
        return (not self._stopping and self._drafter.draft_one()) or asked
