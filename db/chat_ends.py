"""A question follows its job: asked once more, failed, or called off.

The caller holds the job's row; answers that are whole are `db.chat_answers`'.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import JobState, TurnEventKind, TurnState
from db.models import ChatEvent, ChatTurn, Job

_ENDS: Final = {
    JobState.FAILED: (TurnState.FAILED, TurnEventKind.FAILED),
    JobState.CANCELLED: (TurnState.CANCELLED, TurnEventKind.CANCELLED),
}


def turn_follows(session: Session, job: Job, error: str | None) -> None:
    """Put the turn of a job into the state that goes with the job's.

    Parameters
    ----------
    session
        The writing session in which the job changed.
    job
        Waiting again, failed or called off.
    error
        Why, in words for the person who asked.
    """
    turn = session.scalars(select(ChatTurn).where(ChatTurn.job_id == job.id)).one_or_none()
    if turn is None:
        return
    if job.state is JobState.WAITING:
        turn.state, turn.begun_at = TurnState.WAITING, None
        return
    turn.state, kind = _ENDS[job.state]
    turn.error = error
    turn.answered_at = now()
    session.add(ChatEvent(turn_id=turn.id, kind=kind, text=error or ""))
