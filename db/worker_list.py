"""Workers as an administrator looks at them: model, device, memory, films, and what is in hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import JobKind
from db.models import Job, Study, WorkerRow

SILENT: Final = timedelta(seconds=60)
"""A worker that said nothing for so long counts as gone."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker.

    Parameters
    ----------
    name, pid, model_uid, model_name, device
        Who it is, and what it reads with.
    memory_used, memory_total
        Bytes of its device's memory; None where unknown.
    films, hour_films
        Films that it has brought to an end since it started, and within the last hour.
    progress, progress_at
        The last stage or token, and since when it is there.
    kind, study_uid
        What it has in hand; None where nothing.
    started_at, seen_at
        When it started, and its last sign of life.
    is_alive
        Whether that is recent.
    """

    name: str
    pid: int
    model_uid: str
    model_name: str
    device: str
    memory_used: int | None
    memory_total: int | None
    films: int
    hour_films: int
    progress: str
    progress_at: datetime
    kind: JobKind | None
    study_uid: str | None
    started_at: datetime
    seen_at: datetime
    is_alive: bool


def worker_states(session: Session) -> list[WorkerState]:
    """Give every worker that was seen lately: those that live first, by name."""
    rows = session.execute(
        select(WorkerRow, Job.kind, Study.uid)
        .outerjoin(Job, Job.id == WorkerRow.job_id)
        .outerjoin(Study, Study.id == Job.study_id)
        .order_by(WorkerRow.name)
    )
    states = [
        WorkerState(
            name=row.name,
            pid=row.pid,
            model_uid=row.model_uid,
            model_name=row.model_name,
            device=row.device,
            memory_used=row.memory_used,
            memory_total=row.memory_total,
            films=row.films,
            hour_films=row.hour_films,
            progress=row.progress,
            progress_at=row.progress_at,
            kind=kind,
            study_uid=study_uid,
            started_at=row.started_at,
            seen_at=row.seen_at,
            is_alive=now() - row.seen_at < SILENT,
        )
        for row, kind, study_uid in rows
    ]
    return sorted(states, key=lambda worker: not worker.is_alive)
