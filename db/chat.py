"""Questions of persons about a film, and the answers as they stand: no part of any report.

A question is a row with a job; a worker takes it before any film that waits (`db.chat_answers`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.clock import now
from core.errors import PermanentError
from core.reading import Box
from core.states import JobKind, JobState, TurnState
from db.audit import record
from db.chat_ends import turn_follows
from db.chat_films import QuestionRefusedError, film_of, why_not
from db.films import lock_study
from db.job_ends import end_job
from db.jobs import add_job
from db.models import Account, AuditAction, ChatTurn, Instance, Job, ModelRow

LONGEST_QUESTION: Final = 1000
"""Characters."""
MOST_TURNS: Final = 100
"""Of one person about one film."""
MOST_IN_A_WINDOW: Final = 12
WINDOW: Final = timedelta(minutes=1)
"""So many questions of one person are taken in so long a time."""
URGENCY: Final = 1000
"""More than any film's."""
OPEN: Final = (TurnState.WAITING, TurnState.ANSWERING)
"""The states of a turn whose answer is still to come."""


class TooManyQuestionsError(PermanentError):
    """A person asks faster than models should be kept from their films."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks.

    Parameters
    ----------
    account_id
        The account.
    name
        The person, for the audit.
    """

    account_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer, as a page shows it.

    Parameters
    ----------
    id, number
        Its row, and its place among the turns of that person about that film.
    account_id, person
        Who asked.
    question, answer
        The words; the answer is empty until it is whole.
    boxes
        Where the answer points to, in [0, 1] of the stored pixel matrix.
    state, error
        Where it stands, and why there is no answer.
    model, demo
        Who answered, in words; empty until then.
    told, before
        How many earlier turns the model was told, and how many had an answer.
    asked_at, answered_at
        When.
    """

    id: int
    number: int
    account_id: int
    person: str
    question: str
    answer: str
    boxes: tuple[Box, ...]
    state: TurnState
    error: str | None
    model: str
    demo: bool
    told: int
    before: int
    asked_at: datetime
    answered_at: datetime | None


def ask(session: Session, asking: Asking, study_id: int, film_uid: str, question: str) -> int:
    """Take a person's question about a film, and give the number of its turn's row.

    Parameters
    ----------
    session
        A writing session of its own.
    asking
        Who asks; may open the study.
    study_id, film_uid
        About what.
    question
        In the person's words.

    Raises
    ------
    QuestionRefusedError
        If nobody may be asked about the film, the person's last question is not answered yet, or
        the question is blank or too long.
    TooManyQuestionsError
        If the person asks too fast.
    """
    words = question.strip()
    if not words or len(words) > LONGEST_QUESTION:
        message = f"a question has 1 to {LONGEST_QUESTION} characters, this one {len(words)}"
        raise QuestionRefusedError(message)
    # One question of a film is entered at a time, so that their numbers follow each other.
    lock_study(session, study_id)
    film = film_of(session, study_id, film_uid)
    refused = "there is no such film in the study" if film is None else why_not(session, film)
    if film is None or refused is not None:
        raise QuestionRefusedError(refused)
    _check_pace(session, asking)
    number = _next_number(session, asking, film)
    job = add_job(session, JobKind.CHAT, instance_id=film.id, study_id=study_id, urgency=URGENCY)
    job.actor = asking.name
    turn = ChatTurn(
        study_id=study_id,
        instance_id=film.id,
        account_id=asking.account_id,
        number=number,
        job_id=job.id,
        question=words,
    )
    session.add(turn)
    session.flush()
    _note(session, AuditAction.QUESTION_ASKED, turn, asking)
    return turn.id


def cancel(session: Session, asking: Asking, turn_id: int) -> None:
    """Call the asking person's own question off; one that is at its end stays as it is.

    Raises
    ------
    QuestionRefusedError
        If the question is another person's.
    """
    turn = session.get_one(ChatTurn, turn_id)
    if turn.account_id != asking.account_id:
        message = "only who asked a question can call it off"
        raise QuestionRefusedError(message)
    job = session.scalars(
        select(Job)
        .where(Job.id == turn.job_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if job.state not in {JobState.WAITING, JobState.CLAIMED}:
        return
    end_job(job, JobState.CANCELLED, None)
    # Whoever writes the answer is refused from now on.
    job.token += 1
    turn_follows(session, job, None)
    _note(session, AuditAction.QUESTION_CANCELLED, turn, asking)


def turns_of(session: Session, instance_id: int) -> Sequence[Turn]:
    """List all turns about a film, each person's in their order."""
    return _turns(session, ChatTurn.instance_id == instance_id)


def turn_of(session: Session, instance_id: int, turn_id: int) -> Turn | None:
    """Give one turn about a film; None where there is none."""
    found = _turns(session, ChatTurn.instance_id == instance_id, ChatTurn.id == turn_id)
    return found[0] if found else None


def _turns(session: Session, *where: object) -> list[Turn]:
    earlier = aliased(ChatTurn)
    before = (
        select(func.count())
        .where(
            earlier.instance_id == ChatTurn.instance_id,
            earlier.account_id == ChatTurn.account_id,
            earlier.number < ChatTurn.number,
            earlier.state == TurnState.ANSWERED,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(ChatTurn, Account.person_name, ModelRow.identity, before)
        .join(Account, Account.id == ChatTurn.account_id)
        .outerjoin(ModelRow, ModelRow.uid == ChatTurn.model_uid)
        .where(*where)  # type: ignore[arg-type]
        .order_by(ChatTurn.account_id, ChatTurn.number)
    )
    return [
        Turn(
            id=turn.id,
            number=turn.number,
            account_id=turn.account_id,
            person=person,
            question=turn.question,
            answer=turn.answer,
            boxes=tuple(Box(**box) for box in turn.boxes),
            state=turn.state,
            error=turn.error,
            model=_words(identity) or turn.model_uid,
            demo=turn.demo,
            told=turn.told,
            before=answered,
            asked_at=turn.asked_at,
            answered_at=turn.answered_at,
        )
        for turn, person, identity, answered in rows
    ]


def _words(identity: dict[str, object] | None) -> str:
    return "" if identity is None else f"{identity.get('name', '')} {identity.get('version', '')}"


def _check_pace(session: Session, asking: Asking) -> None:
    lately = session.scalars(
        select(func.count())
        .select_from(ChatTurn)
        .where(ChatTurn.account_id == asking.account_id, ChatTurn.asked_at > now() - WINDOW)
    ).one()
    if lately >= MOST_IN_A_WINDOW:
        message = (
            f"{lately} questions within {WINDOW.total_seconds():.0f} s: models have films to "
            "read as well; ask again in a moment"
        )
        raise TooManyQuestionsError(message)


def _next_number(session: Session, asking: Asking, film: Instance) -> int:
    last = session.execute(
        select(ChatTurn.number, ChatTurn.state)
        .where(ChatTurn.instance_id == film.id, ChatTurn.account_id == asking.account_id)
        .order_by(ChatTurn.number.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return 1
    number, state = last
    if state in OPEN:
        message = "your last question about this film has no answer yet"
        raise QuestionRefusedError(message)
    if number >= MOST_TURNS:
        message = f"{MOST_TURNS} questions about one film are enough"
        raise QuestionRefusedError(message)
    return int(number) + 1


def _note(session: Session, action: AuditAction, turn: ChatTurn, asking: Asking) -> None:
    record(
        session,
        action,
        actor=asking.name,
        study_id=turn.study_id,
        instance_id=turn.instance_id,
        turn=turn.id,
        number=turn.number,
    )
