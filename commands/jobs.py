"""Queued work as an administrator sees it: listed, tried anew, called off."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session

from commands.operator import operator
from commands.output import console, print_json, print_table, printable
from core.errors import WrongArgumentError
from core.settings import load_settings
from core.states import JobState
from db.engine import Database
from db.job_orders import (
    OPEN_OR_BAD,
    JobFilter,
    ListedJob,
    cancel_job,
    count_jobs,
    failed_jobs,
    list_jobs,
    retry_job,
)


class _Order(Protocol):
    def __call__(self, session: Session, job_id: int, *, actor: str) -> None: ...


def list_(path: Path | None, state: JobState | None, *, as_json: bool) -> bool:
    """Print the jobs that wait, are worked on, failed or were called off, or those of one state.

    Those that failed come first. All are counted, and where not all are printed it says so.

    Returns
    -------
    bool
        Whether none of them failed, printed or not.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    with _database(path) as db, db.read() as session:
        states = OPEN_OR_BAD if state is None else (state,)
        found, counts = list_jobs(session, JobFilter(states)), count_jobs(session, states)
    left_out = max(0, sum(counts.values()) - len(found))
    if as_json:
        print_json(
            {
                "jobs": [_plain(one) for one in found],
                "counts": {one.value: number for one, number in counts.items()},
                "left_out": left_out,
            }
        )
    else:
        print_table(
            "Jobs",
            ("job", "kind", "state", "attempts", "of", "at", "reason"),
            [
                (
                    one.job_id,
                    one.kind.value,
                    one.state.value,
                    one.attempts,
                    one.film_uid or one.study_uid or "",
                    one.progress,
                    one.error or "",
                )
                for one in found
            ],
        )
        if left_out:
            all_of_them = ", ".join(f"{number} {one.value}" for one, number in counts.items())
            console().print(f"{left_out} more are left out of the table; in all: {all_of_them}")
    return not counts.get(JobState.FAILED)


def retry(path: Path | None, job_id: int | None, *, as_json: bool) -> bool:
    """Let one job, or all that failed, be tried anew.

    Returns
    -------
    bool
        Whether each of them is.

    Raises
    ------
    WrongArgumentError
        If it is one, and it cannot be tried anew.
    DatabaseAwayError
        If the database does not answer.
    """
    again: list[int] = []
    kept: dict[int, str] = {}
    with _database(path) as db:
        if job_id is not None:
            _do(db, retry_job, job_id)
            again.append(job_id)
        else:
            with db.read() as session:
                failed = failed_jobs(session)
            for number in failed:
                try:
                    _do(db, retry_job, number)
                except WrongArgumentError as error:
                    kept[number] = str(error)
                else:
                    again.append(number)
    if as_json:
        print_json({"again": again, "kept": kept})
    else:
        console().print(f"{len(again)} jobs are tried anew")
        for words in kept.values():
            console().print(printable(words))
    return not kept


def cancel(path: Path | None, job_id: int) -> None:
    """Call a job off.

    Raises
    ------
    WrongArgumentError
        If there is no such job, or it is over.
    DatabaseAwayError
        If the database does not answer.
    """
    with _database(path) as db:
        _do(db, cancel_job, job_id)
    console().print(f"job {job_id} was called off")


@contextmanager
def _database(path: Path | None) -> Iterator[Database]:
    db = Database(load_settings(path).database_url)
    try:
        yield db
    finally:
        db.close()


def _do(db: Database, order: _Order, job_id: int) -> None:
    """Carry out one order in a transaction of its own."""
    with db.write() as session:
        order(session, job_id, actor=operator())


def _plain(job: ListedJob) -> dict[str, Any]:
    return {
        "job": job.job_id,
        "kind": job.kind.value,
        "state": job.state.value,
        "attempts": job.attempts,
        "worker": job.worker,
        "progress": job.progress,
        "error": job.error,
        "study": job.study_uid,
        "film": job.film_uid,
        "created_at": job.created_at.isoformat(),
        "due_at": job.due_at.isoformat(),
        "finished_at": None if job.finished_at is None else job.finished_at.isoformat(),
    }
