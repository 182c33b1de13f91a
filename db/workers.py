"""Workers' signs of life; a worker's health is this row, since Celery answers no ping in a task."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.clock import now
from core.process_mark import process_name
from core.reading import ModelIdentity
from db.engine import Database
from db.models import WorkerRow


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """Who a worker is.

    Parameters
    ----------
    name
        Its name in claims and its row; another process has another one.
    pid
        Of its process, on its own machine.
    model_uid, device
        What it reads with, and where.
    """

    name: str
    pid: int
    model_uid: str = ""
    device: str = ""

    @classmethod
    def of(cls, host: str, model: ModelIdentity) -> Self:
        """Give this process's own, on a machine of that name."""
        return cls(process_name(host), os.getpid(), model.uid, model.device)


def sign_of_life(
    db: Database, sign: SignOfLife, *, job_id: int | None = None, progress: str = ""
) -> None:
    """Note that a worker lives, with what it is at.

    Parameters
    ----------
    db
        Where.
    sign
        Who.
    job_id, progress
        The job in hand and its last stage or token; `progress_at` moves when either changes.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    at = now()
    with db.write() as session:
        row = session.get(WorkerRow, sign.name)
        if row is None:
            row = WorkerRow(
                name=sign.name,
                pid=sign.pid,
                model_uid=sign.model_uid,
                device=sign.device,
                started_at=at,
                progress_at=at,
            )
            session.add(row)
        if (row.job_id, row.progress) != (job_id, progress):
            row.progress_at = at
        row.job_id = job_id
        row.progress = progress
        row.seen_at = at


def forget_silent(db: Database, seconds: float) -> int:
    """Remove the rows of workers that were not seen for so long; they ended.

    Returns
    -------
    int
        How many were removed.
    """
    with db.write() as session:
        gone = session.scalars(
            delete(WorkerRow)
            .where(WorkerRow.seen_at < now() - timedelta(seconds=seconds))
            .returning(WorkerRow.name)
        ).all()
    return len(gone)


def workers(session: Session) -> list[WorkerRow]:
    """List the workers by name."""
    return list(session.scalars(select(WorkerRow).order_by(WorkerRow.name)))
