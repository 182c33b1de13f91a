"""Workers' signs of life; a worker's health is this row, since Celery answers no ping in a task."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.clock import now
from db.engine import Database
from db.models import WorkerRow


def worker_seen(
    db: Database,
    name: str,
    *,
    pid: int,
    model_uid: str = "",
    device: str = "",
    job_id: int | None = None,
    progress: str = "",
) -> None:
    """Note that a worker lives, with what it is at.

    Parameters
    ----------
    db
        Where.
    name
        The worker's name, one row each; another `pid` under it is a new start.
    pid, model_uid, device
        Who it is.
    job_id, progress
        The job in hand and its last stage or token; `progress_at` moves when either changes.
    """
    at = now()
    with db.write() as session:
        row = session.get(WorkerRow, name)
        if row is None:
            row = WorkerRow(name=name, pid=pid, started_at=at, progress_at=at)
            session.add(row)
        elif row.pid != pid:
            row.started_at = at
        if (row.job_id, row.progress) != (job_id, progress):
            row.progress_at = at
        row.pid = pid
        row.model_uid = model_uid
        row.device = device
        row.job_id = job_id
        row.progress = progress
        row.seen_at = at


def worker_gone(db: Database, name: str) -> None:
    """Remove the row of a worker that ended in good order."""
    with db.write() as session:
        session.execute(delete(WorkerRow).where(WorkerRow.name == name))


def workers(session: Session) -> list[WorkerRow]:
    """List the workers by name."""
    return list(session.scalars(select(WorkerRow).order_by(WorkerRow.name)))
