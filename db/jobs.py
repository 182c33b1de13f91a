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
from core.states import FilmState, JobKind, JobState
from db.engine import Database
from db.films import lock_study, set_film_state
from db.models import Job

_ACTOR = "queue"


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
    _end(holds(session, claim), JobState.DONE, None)


def fail(session: Session, claim: Claim, error: str) -> None:
    """End a job badly, for good; a draft's film fails with the same reason.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    _fail(session, holds(session, claim), error)


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
        _fail(session, job, error)
    else:
        _put_back(session, job, error, pause_seconds)
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
    _put_back(session, job, error or job.error, pause_seconds)


def release_expired(db: Database, *, maximum_attempts: int = 3) -> int:
    """Put jobs back whose lease has ended; a draft without attempts left fails with its film.

    Other kinds are put back however often it happens: a result is never dropped because its
    deliverer was killed.

    Returns
    -------
    int
        How many were put back or failed.
    """
    released = 0
    while _release_one(db, maximum_attempts):
        released += 1
    return released


def waiting(db: Database, kinds: Collection[JobKind]) -> int:
    """Count the jobs that are due and unclaimed."""
    with db.read() as session:
        return session.scalars(
            select(func.count())
            .select_from(Job)
            .where(Job.state == JobState.WAITING, Job.kind.in_(kinds), Job.due_at <= now())
        ).one()


def _release_one(db: Database, maximum_attempts: int) -> bool:
    late = (Job.state == JobState.CLAIMED, Job.lease_until < now())
    with db.read() as session:
        if session.execute(select(Job.id).where(*late).limit(1)).first() is None:
            return False
    with db.write() as session:
        # One in each transaction: two of these that hold several could wait for each other.
        job = session.scalars(
            select(Job).where(*late).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        ).one_or_none()
        if job is None:
            return False
        error = f"{job.worker} stopped answering at: {job.progress}"
        if job.kind is JobKind.DRAFT and job.attempts >= maximum_attempts:
            _fail(session, job, f"{error} (attempt {job.attempts}, the last one)")
        else:
            _put_back(session, job, error, 0.0)
        return True


def _put_back(session: Session, job: Job, error: str | None, pause_seconds: float) -> None:
    if job.kind is JobKind.PUBLISH and job.study_id is not None:
        lock_study(session, job.study_id)
        if _sibling_waits(session, job):
            _end(job, JobState.DONE, error)
            return
    job.state = JobState.WAITING
    job.error = error
    job.worker = None
    job.lease_until = None
    job.due_at = now() + timedelta(seconds=pause_seconds)
    if job.kind is JobKind.DRAFT and job.instance_id is not None:
        set_film_state(session, job.instance_id, FilmState.QUEUED, None, actor=_ACTOR)


def _sibling_waits(session: Session, job: Job) -> bool:
    sibling = select(Job.id).where(
        Job.kind == JobKind.PUBLISH,
        Job.state == JobState.WAITING,
        Job.study_id == job.study_id,
        Job.id != job.id,
    )
    return session.execute(sibling).first() is not None


def _fail(session: Session, job: Job, error: str) -> None:
    _end(job, JobState.FAILED, error)
    if job.kind is JobKind.DRAFT and job.instance_id is not None:
        set_film_state(
            session, job.instance_id, FilmState.FAILED, error, actor=job.worker or _ACTOR
        )


def _end(job: Job, state: JobState, error: str | None) -> None:
    job.state = state
    job.error = error
    job.lease_until = None
    job.finished_at = now()


def _lost(claim: Claim) -> LostLeaseError:
    return LostLeaseError(f"job {claim.job_id} is no longer held under token {claim.token}")
