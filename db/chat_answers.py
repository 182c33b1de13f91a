"""What a worker writes of a question: its answer piece by piece, then the whole of it.

Each is one transaction under the fencing token of the question's job, so that a worker which was
taken for dead, or whose question was called off, is refused.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.reading import Box, ModelIdentity
from core.states import Standing, TurnEventKind, TurnState
from db.chat_films import IN_SHADOW, QuestionRefusedError, why_not
from db.engine import Database
from db.jobs import Claim, finish, holds
from db.models import ChatEvent, ChatTurn, Instance
from db.standings import standing_of

LONGEST_WAIT: Final = timedelta(minutes=10)
"""After which a question is not answered any more: whoever asked has gone on without."""
MOST_TOLD: Final = 20
"""Earlier turns that a model is told at most."""
MOST_CHARACTERS_TOLD: Final = 8000
"""Of these turns, together."""


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """A claimed question.

    Parameters
    ----------
    turn_id
        Its row.
    instance_id, path
        The film, and its file.
    question
        In the person's words.
    turns
        What the same person asked before of the same film, with the answers, oldest first.
    """

    turn_id: int
    instance_id: int
    path: Path
    question: str
    turns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer.

    Parameters
    ----------
    text
        The words.
    boxes
        Where they point to.
    told
        How many earlier turns the model was told.
    """

    text: str
    boxes: tuple[Box, ...]
    told: int


def turn_for(db: Database, claim: Claim, model_uid: str) -> AskedTurn:
    """Give the question of a claim, and say that its answer by a model begins.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    QuestionRefusedError
        If nobody may be asked about the film any more, the model is in shadow, or the question
        waited too long.
    """
    with db.write() as session:
        holds(session, claim)
        turn = _turn(session, claim)
        film = session.get_one(Instance, turn.instance_id)
        refused = why_not(session, film)
        if refused is None:
            _check_standing(session, model_uid)
        if refused is None and turn.asked_at < now() - LONGEST_WAIT:
            refused = f"nobody could answer within {LONGEST_WAIT.total_seconds() / 60:.0f} minutes"
        if refused is not None:
            raise QuestionRefusedError(refused)
        turn.state = TurnState.ANSWERING
        session.add(ChatEvent(turn_id=turn.id, kind=TurnEventKind.BEGIN))
        return AskedTurn(turn.id, film.id, Path(film.path), turn.question, _before(session, turn))


def begin_anew(db: Database, claim: Claim, turn_id: int) -> None:
    """Say that the answer begins once more: what was written of it is void.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now, or it was called off.
    """
    with db.write() as session:
        holds(session, claim)
        session.add(ChatEvent(turn_id=turn_id, kind=TurnEventKind.BEGIN))


def write_piece(db: Database, claim: Claim, turn_id: int, text: str, model_uid: str) -> None:
    """Add the next piece of a model's answer.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now, or it was called off.
    QuestionRefusedError
        If the model was put into shadow meanwhile; nothing was written.
    """
    with db.write() as session:
        holds(session, claim)
        _check_standing(session, model_uid)
        turn = session.get_one(ChatTurn, turn_id)
        if turn.begun_at is None:
            turn.begun_at = now()
        session.add(ChatEvent(turn_id=turn_id, kind=TurnEventKind.TEXT, text=text))


def store_answer(
    db: Database, claim: Claim, turn_id: int, answered: Answered, model: ModelIdentity
) -> None:
    """Commit a whole answer: the turn is answered, the job done.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now; nothing was written.
    QuestionRefusedError
        If the model was put into shadow meanwhile; nothing was written.
    """
    with db.write() as session:
        holds(session, claim)
        _check_standing(session, model.uid)
        turn = session.get_one(ChatTurn, turn_id)
        turn.answer = answered.text
        turn.boxes = [asdict(box) for box in answered.boxes]
        turn.told = answered.told
        turn.model_uid, turn.demo = model.uid, model.demo
        turn.state, turn.error = TurnState.ANSWERED, None
        turn.answered_at = now()
        turn.begun_at = turn.begun_at or turn.answered_at
        session.add(ChatEvent(turn_id=turn_id, kind=TurnEventKind.END))
        finish(session, claim)


def _check_standing(session: Session, model_uid: str) -> None:
    if standing_of(session, model_uid) is Standing.SHADOW:
        raise QuestionRefusedError(IN_SHADOW)


def _turn(session: Session, claim: Claim) -> ChatTurn:
    return session.scalars(select(ChatTurn).where(ChatTurn.job_id == claim.job_id)).one()


def _before(session: Session, turn: ChatTurn) -> tuple[tuple[str, str], ...]:
    rows = session.execute(
        select(ChatTurn.question, ChatTurn.answer)
        .where(
            ChatTurn.instance_id == turn.instance_id,
            ChatTurn.account_id == turn.account_id,
            ChatTurn.number < turn.number,
            ChatTurn.state == TurnState.ANSWERED,
        )
        .order_by(ChatTurn.number.desc())
        .limit(MOST_TOLD)
    )
    return _newest([(question, answer) for question, answer in rows])


def _newest(turns: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Give those of the newest turns, the newest first, that a model is told, oldest first."""
    told: list[tuple[str, str]] = []
    room = MOST_CHARACTERS_TOLD
    for question, answer in turns:
        room -= len(question) + len(answer)
        if room < 0:
            break
        told.append((question, answer))
    return tuple(reversed(told))
