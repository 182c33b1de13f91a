"""How much work of each kind there is, and how old the oldest of it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import JobKind, JobState
from db.models import Job

_SEEN: Final = (JobState.WAITING, JobState.CLAIMED, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class Queue:
    """The jobs of one kind that are not over well.

    Parameters
    ----------
    kind
        Which.
    waiting
        Number of those that could be claimed now.
    later
        Number of those that are to be claimed later, such as after a pause.
    claimed
        Number of those that somebody works on.
    failed
        Number of those that failed for good.
    oldest_due_at
        Since when the oldest of the first waits; None where none does.
    """

    kind: JobKind
    waiting: int
    later: int
    claimed: int
    failed: int
    oldest_due_at: datetime | None


def queues(session: Session) -> list[Queue]:
    """Give the queue of every kind of jobs, in the order of `JobKind`; empty ones too."""
    due = and_(Job.state == JobState.WAITING, Job.due_at <= now())
    rows = session.execute(
        select(
            Job.kind,
            func.count(case((due, 1))),
            func.count(case((and_(Job.state == JobState.WAITING, Job.due_at > now()), 1))),
            func.count(case((Job.state == JobState.CLAIMED, 1))),
            func.count(case((Job.state == JobState.FAILED, 1))),
            func.min(case((due, Job.due_at))),
        )
        .where(Job.state.in_(_SEEN))
        .group_by(Job.kind)
    )
    found = {kind: Queue(kind, *rest) for kind, *rest in rows}
    return [found.get(kind) or Queue(kind, 0, 0, 0, 0, None) for kind in JobKind]
