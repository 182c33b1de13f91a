"""Questions are answered in the middle of a reading: a person waits, and a film can.

The film in hand loses nothing: its next token comes after the answer's last one.
"""

import time
from collections.abc import Callable

import structlog

from core.errors import DatabaseAwayError

_log = structlog.get_logger()
LOOK_SECONDS = 1.0
"""Between two looks without a ring, in the middle of a reading."""
MOST_FILM_SECONDS = 2.0
"""What a film gets after an answer, at most: well below what a person is willing to wait."""


class Interruptions:
    """Called by a reading at each token; answers a question when the bell rang, or by its clock.

    After each answer the film goes on for as long as the answer took, or `MOST_FILM_SECONDS`: who
    asks without a pause would else leave it a token per question.

    Parameters
    ----------
    answer_one
        Answers the next question, and tells whether there was one.
    look_seconds
        Between two looks without a ring.
    clock
        Gives the time, in seconds.
    """

    def __init__(
        self,
        answer_one: Callable[[], bool],
        look_seconds: float = LOOK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answer_one = answer_one
        self._look_seconds = look_seconds
        self._clock = clock
        self._rung = False
        self._look_at = 0.0
        self._film_until = 0.0

    def ring(self) -> None:
        """Have it look at the next token; from any thread."""
        self._rung = True

    def __call__(self) -> None:
        """Answer one question, if one waits and the film had its time since the last answer."""
        began = self._clock()
        if began < self._film_until or (not self._rung and began < self._look_at):
            return
        self._rung = False
        try:
            if self._answer_one():
                self._rung = True
        except DatabaseAwayError:
            _log.warning("database_away")
        except Exception as error:  # noqa: BLE001 - no question may take a film's reading with it
            _log.error("interruption_failed", error=type(error).__name__)
        ended = self._clock()
        self._look_at = ended + self._look_seconds
        self._film_until = ended + min(ended - began, MOST_FILM_SECONDS)
