"""Queued work: claims with a lease and a fencing token, and every way they can end.

A claim is one statement on both databases. Whoever holds it proves so in the transaction of
each write (`holds`): a worker that was taken for dead, and comes back, is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import LostLeaseError
from core.states import JobKind, JobState
from db.engine import Database
from db.job_ends import end_job, fail_job, put_back_job
from db.models import Job


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do one job until its lease ends.

    Parameters
    ----------
    job_id, kind, instance_id, study_id
        The job.
    token
        The fencing token: a later claim of the same job has a higher one.
    attempts
        How often it was claimed, this claim included.
    worker
        Who holds it.
    """

    job_id: int
    kind: JobKind
    instance_id: int | None
    study_id: int | None
    token: int
    attempts: int
    worker: str


def add_job(
    session: Session,
    kind: JobKind,
    *,
    instance_id: int | None = None,
    study_id: int | None = None,
    at: datetime | None = None,
    urgency: int = 0,
) -> Job:
    """Queue one job, due `at` (None: at once).

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If the instance has an open draft job, or the study a waiting publish job.
    """
    job = Job(
        kind=kind,
        instance_id=instance_id,
        study_id=study_id,
        due_at=at or now(),
        urgency=urgency,
    )
    session.add(job)
    session.flush()
    return job


def push_back_publish(session: Session, study_id: int, at: datetime) -> None:
    """Queue a study's publish job, or move the one that waits to a later time.

    The study must be locked, so that nobody else does the same.
    """
    moved = session.execute(
        update(Job)
        .where(
            Job.kind == JobKind.PUBLISH,
            Job.state == JobState.WAITING,
            Job.study_id == study_id,
        )
        .values(due_at=at)
        .returning(Job.id)
    ).first()
    if moved is None:
        add_job(session, JobKind.PUBLISH, study_id=study_id, at=at)


def ask_publish(session: Session, study_id: int) -> None:
    """Queue a study's publish job unless one waits already; the study must be locked."""
    waits = select(Job.id).where(
        Job.kind == JobKind.PUBLISH, Job.state == JobState.WAITING, Job.study_id == study_id
    )
    if session.execute(waits).first() is None:
        add_job(session, JobKind.PUBLISH, study_id=study_id)


def claim(
    db: Database, kinds: Collection[JobKind], *, worker: str, lease_seconds: float
) -> Claim | None:
    """Take the most urgent, then oldest job that is due; None where there is none.

    Two claims never get the same job: PostgreSQL skips rows that another claim locked, SQLite
    lets one writer in at a time.
    """
    at = now()
    first = (
        select(Job.id)
        .where(Job.state == JobState.WAITING, Job.kind.in_(kinds), Job.due_at <= at)
        .order_by(Job.urgency.desc(), Job.created_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    with db.write() as session:
        job = session.scalars(
            update(Job)
            .where(Job.id == first)
            .values(
                state=JobState.CLAIMED,
                token=Job.token + 1,
                attempts=Job.attempts + 1,
                worker=worker,
                lease_until=at + timedelta(seconds=lease_seconds),
                progress="claimed",
                progress_at=at,
            )
            .returning(Job)
        ).one_or_none()
        if job is None:
            return None
        return Claim(
            job_id=job.id,
            kind=job.kind,
            instance_id=job.instance_id,
            study_id=job.study_id,
            token=job.token,
            attempts=job.attempts,
            worker=worker,
        )


def heartbeat(db: Database, claim: Claim, progress: str, lease_seconds: float) -> None:
    """Lengthen the lease from now on, and note the last stage or token.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    at = now()
    with db.write() as session:
        kept = session.execute(
            update(Job)
            .where(
                Job.id == claim.job_id,
                Job.state == JobState.CLAIMED,
                Job.token == claim.token,
            )
            .values(
                lease_until=at + timedelta(seconds=lease_seconds),
                progress=progress,
                progress_at=at,
            )
            .returning(Job.id)
        ).first()
    if kept is None:
        raise _lost(claim)


def holds(session: Session, claim: Claim) -> Job:
    """Prove in this transaction that the claim still stands, and lock its job.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    job = session.scalars(
        select(Job)
        .where(Job.id == claim.job_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if job is None or job.state is not JobState.CLAIMED or job.token != claim.token:
        raise _lost(claim)
    return job


def finish(session: Session, claim: Claim) -> None:
    """End a job well.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    end_job(holds(session, claim), JobState.DONE, None)


def fail(session: Session, claim: Claim, error: str) -> None:
    """End a job badly, for good; a draft's film fails with the same reason.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    fail_job(session, holds(session, claim), error)


def retry(
    session: Session,
    claim: Claim,
    error: str,
    *,
    maximum_attempts: int,
    pause_seconds: float,
) -> JobState:
    """Put a job back for another attempt after a pause, or fail it where none is left.

    Returns
    -------
    JobState
        `waiting` or `failed`; `done` for a publish job whose study has another one waiting.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    job = holds(session, claim)
    if job.attempts >= maximum_attempts:
        fail_job(session, job, error)
    else:
        put_back_job(session, job, error, pause_seconds)
    return job.state


def give_back(
    session: Session, claim: Claim, error: str | None = None, *, pause_seconds: float = 0.0
) -> None:
    """Return a job without counting the attempt, which was not the job's fault.

    Parameters
    ----------
    session, claim
        Where, and what is returned.
    error
        What kept the holder from it; None where it was told to stop.
    pause_seconds
        How long nobody is to claim it.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    job = holds(session, claim)
    job.attempts -= 1
    put_back_job(session, job, error or job.error, pause_seconds)


def waiting(db: Database, kinds: Collection[JobKind]) -> int:
    """Count the jobs that are due and unclaimed."""
    with db.read() as session:
        return session.scalars(
            select(func.count())
            .select_from(Job)
            .where(Job.state == JobState.WAITING, Job.kind.in_(kinds), Job.due_at <= now())
        ).one()


def _lost(claim: Claim) -> LostLeaseError:
    return LostLeaseError(f"job {claim.job_id} is no longer held under token {claim.token}")
