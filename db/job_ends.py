"""What becomes of a job that nobody holds any more: put back, done, failed or called off.

The caller holds the job's row; a draft's film, a question's turn and a publish job's study follow.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import FilmState, JobKind, JobState
from db.chat_ends import turn_follows
from db.films import lock_study, set_film_state
from db.models import Job
from db.tiers import urgency_of

_ACTOR = "queue"


def put_back_job(session: Session, job: Job, error: str | None, pause_seconds: float = 0.0) -> None:
    """Let a job wait for another attempt; its film is queued again, as urgent as its study is now.

    Of two publish jobs of one study that both wait, one is done: the other does the same.
    """
    if job.kind is JobKind.PUBLISH and job.study_id is not None:
        lock_study(session, job.study_id)
        if _sibling_waits(session, job):
            end_job(job, JobState.DONE, error)
            return
    job.state = JobState.WAITING
    job.error = error
    job.worker = None
    job.lease_until = None
    job.due_at = now() + timedelta(seconds=pause_seconds)
    if job.kind is JobKind.DRAFT and job.instance_id is not None:
        film = set_film_state(session, job.instance_id, FilmState.QUEUED, None, actor=_ACTOR)
        # The study may have risen meanwhile, or the film come in to be read.
        job.urgency = max(job.urgency, urgency_of(film, film.study))
    elif job.kind is JobKind.CHAT:
        turn_follows(session, job, error)


def fail_job(session: Session, job: Job, error: str) -> None:
    """End a job badly; a draft's film or a question's turn fails with the same reason."""
    if job.kind is JobKind.DRAFT and job.study_id is not None:
        # What a person did of the study is before the end or after it.
        lock_study(session, job.study_id)
    end_job(job, JobState.FAILED, error)
    if job.kind is JobKind.CHAT:
        turn_follows(session, job, error)
    if job.kind is JobKind.DRAFT and job.instance_id is not None:
        set_film_state(
            session, job.instance_id, FilmState.FAILED, error, actor=job.worker or _ACTOR
        )


def end_job(job: Job, state: JobState, error: str | None) -> None:
    """Note that a job is over."""
    job.state = state
    job.error = error
    job.lease_until = None
    job.finished_at = now()


def _sibling_waits(session: Session, job: Job) -> bool:
    sibling = select(Job.id).where(
        Job.kind == JobKind.PUBLISH,
        Job.state == JobState.WAITING,
        Job.study_id == job.study_id,
        Job.id != job.id,
    )
    return session.execute(sibling).first() is not None
