"""How an answer that is being written is followed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import JobKind, JobState, TurnEventKind, TurnState
from db.models import ChatEvent, ChatTurn, Job, WorkerRow

ENDS: Final = frozenset({TurnEventKind.END, TurnEventKind.FAILED, TurnEventKind.CANCELLED})
"""Kinds of events that nothing follows."""
_SEEN: Final = timedelta(seconds=20)
"""A worker that lives gives a sign far more often."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One event of an answer.

    Parameters
    ----------
    id
        Its number: later ones have higher ones.
    kind, text
        What it is.
    """

    id: int
    kind: TurnEventKind
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why an answer has not begun.

    Parameters
    ----------
    ahead
        How many questions are to be answered before it.
    worker
        Whether any worker gave a sign of life lately.
    """

    ahead: int
    worker: bool


def pieces_after(session: Session, turn_id: int, after: int = 0) -> list[Piece]:
    """List the events of a turn behind one of them, in the order in which they were written."""
    rows = session.execute(
        select(ChatEvent.id, ChatEvent.kind, ChatEvent.text)
        .where(ChatEvent.turn_id == turn_id, ChatEvent.id > after)
        .order_by(ChatEvent.id)
    )
    return [Piece(*row) for row in rows]


def is_over(session: Session, turn_id: int) -> bool:
    """Tell whether a turn is at its end: its last event is there for whoever looks after this."""
    state = session.scalars(select(ChatTurn.state).where(ChatTurn.id == turn_id)).one()
    return state not in {TurnState.WAITING, TurnState.ANSWERING}


def waiting_for(session: Session, turn_id: int) -> Waiting | None:
    """Say what a turn waits for; None where it waits no more."""
    turn = session.get_one(ChatTurn, turn_id, populate_existing=True)
    if turn.state is not TurnState.WAITING or turn.job_id is None:
        return None
    ahead = session.scalars(
        select(func.count())
        .select_from(Job)
        .where(Job.kind == JobKind.CHAT, Job.state == JobState.WAITING, Job.id < turn.job_id)
    ).one()
    worker = session.scalars(
        select(WorkerRow.name).where(WorkerRow.seen_at > now() - _SEEN).limit(1)
    ).first()
    return Waiting(ahead, worker is not None)
