"""One question about a film, from the queue to its answer.

The film's picture goes through the model once; what was said before is taken from the database at
each turn, so that any worker goes on where another one ended.
"""

import gc
import time
from collections import OrderedDict
from functools import partial
from typing import Final

import structlog

from core.errors import (
    DatabaseAwayError,
    FirstReadError,
    LostLeaseError,
    OutOfMemoryError,
    RefusedByEngineError,
)
from core.settings import Settings
from core.states import JobKind
from db import jobs
from db.chat_answers import (
    Answered,
    AskedTurn,
    begin_anew,
    store_answer,
    turn_for,
    write_piece,
)
from db.chat_films import QuestionRefusedError
from db.engine import Database
from imaging.film import load_film
from reader.engines.film import TooLongError
from reader.protocol import Conversation, Reader
from worker.ends import End, Ends, words_of
from worker.heartbeat import Heartbeat, StopAskedError

_log = structlog.get_logger()
FILMS_KEPT: Final = 2
"""Films that stay in the model's memory for the next question about them."""
PIECE_SECONDS: Final = 0.1
"""Between two writes of what was said meanwhile."""
_AWAY_SECONDS: Final = 2.0
"""Between two such writes where the database is away: the words are written at the end as well."""


class Talker:
    """Answers claimed questions, one at a time; each of its claims comes before any film's.

    Parameters
    ----------
    db
        The database.
    reader
        The loaded model.
    settings
        The whole tree: leases, attempts, the limit of pixels.
    heartbeat
        Keeps the leases.
    name
        The worker's name in claims.
    """

    def __init__(
        self, db: Database, reader: Reader, settings: Settings, heartbeat: Heartbeat, name: str
    ) -> None:
        self._db = db
        self._reader = reader
        self._settings = settings
        self._heartbeat = heartbeat
        self._name = name
        self._ends = Ends(db, settings.worker)
        self._films: OrderedDict[int, Conversation] = OrderedDict()

    def answer_one(self) -> bool:
        """Claim the next question and bring it to its end; tell whether there was one.

        Raises
        ------
        DatabaseAwayError
            If no claim could be made, or its end not be written in the lease's time; the question
            goes back to the queue when the lease ends.
        """
        # To look costs far less than to claim, and mostly there is nothing.
        if not jobs.waiting(self._db, (JobKind.CHAT,)):
            return False
        lease = self._settings.worker.lease_seconds
        claim = jobs.claim(self._db, (JobKind.CHAT,), worker=self._name, lease_seconds=lease)
        if claim is None:
            return False
        with (
            structlog.contextvars.bound_contextvars(
                job=claim.job_id, instance=claim.instance_id, attempt=claim.attempts
            ),
            self._heartbeat.holding(claim),
        ):
            try:
                self._ends.write(self._end_of(claim))
            except LostLeaseError:
                _log.info("question_called_off")
        return True

    def make_room(self) -> None:
        """Let go of the films in the model's memory; the next question about one encodes it."""
        self._films.clear()

    def _end_of(self, claim: jobs.Claim) -> End:
        """Try to answer a question; give the transaction that ends its job."""
        try:
            turn = turn_for(self._db, claim, self._reader.identity.uid)
            answered = self._answer(claim, turn)
        except (LostLeaseError, DatabaseAwayError):
            raise
        except StopAskedError:
            return partial(self._ends.give_back, claim)
        except FirstReadError as error:
            # A person waits: better to be told now than answered at another time.
            _log.warning("question_failed", error=type(error).__name__)
            return partial(self._fail, claim, str(error))
        except Exception as error:  # noqa: BLE001 - no question may take the worker with it
            _log.warning("question_failed", error=words_of(error))
            return partial(self._ends.retry, claim, error)
        return partial(self._store, claim, turn, answered)

    def _answer(self, claim: jobs.Claim, turn: AskedTurn) -> Answered:
        model_uid = self._reader.identity.uid
        writer = _Writer(self._db, claim, turn.turn_id, model_uid, self._heartbeat)
        try:
            return self._say(turn, writer)
        except OutOfMemoryError:
            _log.warning("out_of_memory")
        self.make_room()
        gc.collect()
        return self._say(turn, writer)

    def _say(self, turn: AskedTurn, writer: "_Writer") -> Answered:
        conversation = self._conversation(turn)
        told = turn.turns
        while True:
            conversation.resume(told)
            try:
                writer.begin()
                answer = conversation.ask(turn.question, writer.hear)
            except ValueError as error:
                message = "the question has no words that a model could be asked"
                raise QuestionRefusedError(message) from error
            except (TooLongError, RefusedByEngineError):
                if not told:
                    raise
                # The older half is forgotten, as the page says.
                told = told[(len(told) + 1) // 2 :]
            else:
                writer.flush()
                return Answered(answer, conversation.boxes_in(answer).boxes, len(told))

    def _conversation(self, turn: AskedTurn) -> Conversation:
        known = self._films.pop(turn.instance_id, None)
        if known is None:
            while len(self._films) >= FILMS_KEPT:
                self._films.popitem(last=False)
            self._heartbeat.progress("decoding")
            film = load_film(turn.path, maximum_pixels=self._settings.gateway.maximum_pixels)
            self._heartbeat.progress("encoding")
            known = self._reader.chat(film.pixels)
        self._films[turn.instance_id] = known
        return known

    def _store(self, claim: jobs.Claim, turn: AskedTurn, answered: Answered) -> None:
        try:
            store_answer(self._db, claim, turn.turn_id, answered, self._reader.identity)
        except QuestionRefusedError as error:
            _log.warning("question_failed", error=type(error).__name__)
            self._fail(claim, str(error))
        else:
            _log.info("question_answered", turn=turn.turn_id)

    def _fail(self, claim: jobs.Claim, words: str) -> None:
        with self._db.write() as session:
            jobs.fail(session, claim, words)


class _Writer:
    """Passes on what a model says, a few pieces together."""

    def __init__(
        self, db: Database, claim: jobs.Claim, turn_id: int, model_uid: str, heartbeat: Heartbeat
    ) -> None:
        self._db = db
        self._claim = claim
        self._turn_id = turn_id
        self._model_uid = model_uid
        self._heartbeat = heartbeat
        self._tokens = 0
        self._held = ""
        self._due = 0.0

    def begin(self) -> None:
        """Begin an attempt; what an earlier one said is void."""
        if self._tokens:
            begin_anew(self._db, self._claim, self._turn_id)
        self._tokens = 0
        self._held = ""
        self._due = 0.0

    def hear(self, piece: str) -> None:
        """Take the next piece."""
        self._tokens += 1
        self._heartbeat.progress(f"answer {self._tokens}")
        self._held += piece
        if self._held and time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what was heard since the last time."""
        if not self._held:
            return
        try:
            write_piece(self._db, self._claim, self._turn_id, self._held, self._model_uid)
        except DatabaseAwayError:
            # The whole answer is written at its end: no reason to end it here.
            self._due = time.monotonic() + _AWAY_SECONDS
        else:
            self._held = ""
            self._due = time.monotonic() + PIECE_SECONDS
