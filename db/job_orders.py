"""What an administrator does with jobs: looks at them, has one tried anew, calls one off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.clock import now
from core.errors import WrongArgumentError
from core.states import FilmState, JobKind, JobState
from db.audit import ADMINISTRATOR, record
from db.chat_ends import turn_follows
from db.films import lock_study, set_film_state
from db.job_ends import end_job
from db.models import AuditAction, Instance, Job, Peer, Study
from db.publishable import unpublished
from db.retractions import to_take_back
from db.tiers import urgency_of

OPEN_OR_BAD: Final = (JobState.WAITING, JobState.CLAIMED, JobState.FAILED, JobState.CANCELLED)
"""The states of jobs that somebody may want to look at."""
LISTED_AT_ONCE: Final = 1000
"""Jobs that are listed at most."""
CALLED_OFF: Final = "called off by an administrator"
"""The reason of a film whose reading was called off, and of a job."""
_BAD: Final = (JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job as an administrator sees it.

    Parameters
    ----------
    job_id, kind, state, attempts, worker, progress, error
        Its row.
    study_uid, film_uid, accession, peer
        What it is of; None where it is of none.
    actor
        Who asked for it; empty where nobody did.
    created_at, due_at, finished_at
        When it was queued, is to be claimed, and ended (None: not yet).
    """

    job_id: int
    kind: JobKind
    state: JobState
    attempts: int
    worker: str | None
    progress: str
    error: str | None
    study_uid: str | None
    film_uid: str | None
    accession: str | None
    peer: str | None
    actor: str
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None

    @property
    def can_be_retried(self) -> bool:
        """Whether it ended badly; that something is left for it to do is seen when it is tried."""
        return self.state in _BAD

    @property
    def can_be_cancelled(self) -> bool:
        """Whether there is anything to call off."""
        return self.state not in {JobState.DONE, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are looked at.

    Parameters
    ----------
    states
        Those in one of these.
    kinds
        Those of one of these kinds; empty is any.
    study_uid
        Those of this study; empty is any.
    """

    states: Collection[JobState] = OPEN_OR_BAD
    kinds: Collection[JobKind] = ()
    study_uid: str = ""


def list_jobs(
    session: Session,
    which: JobFilter = JobFilter(),
    *,
    limit: int = LISTED_AT_ONCE,
    offset: int = 0,
) -> list[ListedJob]:
    """List jobs: those that failed first, and the oldest first."""
    # All jobs of one state need no such order, and those that are done are many.
    first = [Job.state != JobState.FAILED] if len(which.states) > 1 else []
    query = (
        select(Job, Study.uid, Instance.uid, Study.accession, Peer.name)
        .outerjoin(Instance, Instance.id == Job.instance_id)
        .outerjoin(Study, Study.id == Job.study_id)
        .outerjoin(Peer, Peer.id == Job.peer_id)
        .where(Job.state.in_(which.states))
    )
    if which.kinds:
        query = query.where(Job.kind.in_(which.kinds))
    if which.study_uid:
        query = query.where(Study.uid == which.study_uid)
    rows = session.execute(query.order_by(*first, Job.id).limit(limit).offset(offset))
    return [
        ListedJob(
            job_id=job.id,
            kind=job.kind,
            state=job.state,
            attempts=job.attempts,
            worker=job.worker,
            progress=job.progress,
            error=job.error,
            study_uid=study_uid,
            film_uid=film_uid,
            accession=accession,
            peer=peer,
            actor=job.actor,
            created_at=job.created_at,
            due_at=job.due_at,
            finished_at=job.finished_at,
        )
        for job, study_uid, film_uid, accession, peer in rows
    ]


def count_jobs(session: Session, states: Collection[JobState] = OPEN_OR_BAD) -> dict[JobState, int]:
    """Count the jobs in each of some states."""
    numbers = select(Job.state, func.count()).where(Job.state.in_(states)).group_by(Job.state)
    counts = dict.fromkeys(states, 0)
    for state, number in session.execute(numbers):
        counts[state] = number
    return counts


def failed_jobs(session: Session) -> list[int]:
    """Give the numbers of all jobs that failed, the oldest first."""
    return list(
        session.scalars(select(Job.id).where(Job.state == JobState.FAILED).order_by(Job.id))
    )


def retry_job(session: Session, job_id: int, *, actor: str = ADMINISTRATOR) -> None:
    """Let a job that failed or was called off be tried anew, with all its attempts.

    Parameters
    ----------
    session
        A writing session of its own.
    job_id
        Which.
    actor
        Who wants it.

    Raises
    ------
    WrongArgumentError
        If there is no such job, it did not end badly, or there is nothing left for it to do;
        nothing was changed then.
    """
    job = _locked(session, job_id)
    if job.state not in _BAD:
        message = f"job {job_id} is {job.state.value}: only one that failed can be tried anew"
        raise WrongArgumentError(message)
    before = job.error
    if job.kind is JobKind.CHAT:
        message = f"job {job_id} is not tried anew: whoever asked a question may ask it again"
        raise WrongArgumentError(message)
    if job.kind is JobKind.DRAFT:
        _check_film(session, job)
    elif job.kind is JobKind.PUBLISH:
        _check_results(session, job)
    job.state, job.attempts, job.error = JobState.WAITING, 0, None
    job.worker, job.finished_at, job.due_at = None, None, now()
    session.flush()
    if job.kind is JobKind.DRAFT and job.instance_id is not None:
        film = set_film_state(session, job.instance_id, FilmState.QUEUED, None, actor=actor)
        job.urgency = max(job.urgency, urgency_of(film, film.study))
    _note(session, AuditAction.JOB_RETRIED, job, before, actor)


def cancel_job(session: Session, job_id: int, *, actor: str = ADMINISTRATOR) -> None:
    """Call a job off: nobody takes it up, and whoever has it is refused.

    A film whose reading is called off was not read; one that had failed stays failed. A study
    whose results are not built says so in the worklist.

    Parameters
    ----------
    session
        A writing session of its own.
    job_id
        Which.
    actor
        Who wants it.

    Raises
    ------
    WrongArgumentError
        If there is no such job, or it is over.
    """
    job = _locked(session, job_id)
    if job.state in {JobState.DONE, JobState.CANCELLED}:
        message = f"job {job_id} is {job.state.value} already"
        raise WrongArgumentError(message)
    before, failed, ended = job.error, job.state is JobState.FAILED, job.finished_at
    end_job(job, JobState.CANCELLED, f"{CALLED_OFF}{f': {before}' if before else ''}")
    if failed:
        # Whoever acted on the study since knew of it.
        job.finished_at = ended
    job.token += 1
    if job.kind is JobKind.CHAT:
        turn_follows(session, job, CALLED_OFF)
    if job.kind is JobKind.DRAFT and job.instance_id is not None and not failed:
        set_film_state(session, job.instance_id, FilmState.NOT_READ, CALLED_OFF, actor=actor)
    _note(session, AuditAction.JOB_CANCELLED, job, before, actor)


def _locked(session: Session, job_id: int) -> Job:
    the_job = select(Job).where(Job.id == job_id).with_for_update()
    waits = Job.state == JobState.WAITING
    study_id = session.scalar(select(Job.study_id).where(Job.id == job_id, waits))
    if study_id is not None:
        # Who holds a study moves its jobs that wait. One that somebody takes up now is not waited
        # for: who has it is going to wait for the study, which the rollback gives back.
        with session.begin_nested() as held:
            lock_study(session, study_id)
            if job := session.scalars(
                the_job.where(waits).with_for_update(skip_locked=True)
            ).first():
                return job
            held.rollback()
    # Any other comes before its study, as for whoever releases it.
    job = session.scalars(the_job).one_or_none()
    if job is None:
        message = f"there is no job {job_id}"
        raise WrongArgumentError(message)
    if job.study_id is not None:
        lock_study(session, job.study_id)
    return job


def _check_film(session: Session, job: Job) -> None:
    film = session.get_one(Instance, job.instance_id)
    waits = _other(session, job, (JobState.WAITING, JobState.CLAIMED), Job.instance_id)
    if film.rejection_code is not None:
        reason = "its film was rejected"
    elif film.removed_at is not None:
        reason = f"the file of its film was removed by retention on {film.removed_at:%Y-%m-%d}"
    elif waits:
        reason = "another job of its film is on its way"
    elif film.state not in {FilmState.FAILED, FilmState.NOT_READ}:
        reason = f"its film is {film.state.value}"
    else:
        return
    message = f"job {job.id} is not tried anew: {reason}"
    raise WrongArgumentError(message)


def _check_results(session: Session, job: Job) -> None:
    assert job.study_id is not None  # noqa: S101 - for the type checker: a publish job has one
    if _other(session, job, (JobState.WAITING,), Job.study_id):
        reason = "another publish job of its study waits"
    elif not unpublished(session, job.study_id) and not to_take_back(session, job.study_id):
        reason = "nothing of its study is left to be built but what can never be"
    else:
        return
    message = f"job {job.id} is not tried anew: {reason}"
    raise WrongArgumentError(message)


def _other(
    session: Session, job: Job, states: Collection[JobState], of: InstrumentedAttribute[int | None]
) -> bool:
    same = getattr(job, of.key)
    others = select(Job.id).where(
        Job.kind == job.kind, Job.state.in_(states), of == same, Job.id != job.id
    )
    return session.scalars(others).first() is not None


def _note(session: Session, action: AuditAction, job: Job, error: str | None, actor: str) -> None:
    record(
        session,
        action,
        actor=actor,
        study_id=job.study_id,
        instance_id=job.instance_id,
        job=job.id,
        kind=job.kind.value,
        error=error,
    )
