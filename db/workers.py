"""Workers' signs of life; a worker's health is this row, since Celery answers no ping in a task."""

import os
from dataclasses import asdict, dataclass
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
    model_uid, model_name, device
        What it reads with, and where.
    """

    name: str
    pid: int
    model_uid: str = ""
    device: str = ""
    model_name: str = ""

    @classmethod
    def of(cls, host: str, model: ModelIdentity) -> Self:
        """Give this process's own, on a machine of that name."""
        name = f"{model.name} {model.version}".strip()
        return cls(process_name(host), os.getpid(), model.uid, model.device, name)


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a worker is.

    Parameters
    ----------
    films
        Films that it has brought to an end since it started.
    hour_films
        Those of the last hour.
    memory_used, memory_total
        Bytes of its device's memory; None where unknown.
    """

    films: int = 0
    hour_films: int = 0
    memory_used: int | None = None
    memory_total: int | None = None


def sign_of_life(
    db: Database,
    sign: SignOfLife,
    *,
    job_id: int | None = None,
    progress: str = "",
    vitals: Vitals | None = None,
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
    vitals
        How it is; None leaves what was said before.

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
                model_name=sign.model_name,
                started_at=at,
                progress_at=at,
            )
            session.add(row)
        if (row.job_id, row.progress) != (job_id, progress):
            row.progress_at = at
        row.job_id = job_id
        row.progress = progress
        row.seen_at = at
        if vitals is not None:
            for column, value in asdict(vitals).items():
                setattr(row, column, value)


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
