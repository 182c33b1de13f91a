"""What an administrator has the gateway do: asked for by a row, and told in the same row.

Such a job is done whatever came of it: a peer that does not answer is an answer, and an object
that cannot be taken in stays where it was. Its `error` says so, and asking again is a new job.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import WrongArgumentError
from core.states import JobKind, JobState
from db.job_ends import end_job
from db.jobs import Claim, holds
from db.models import Job

_OPEN = (JobState.WAITING, JobState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an errand.

    Parameters
    ----------
    outcome
        What came of it, in words.
    error
        Why it came to nothing; None where it did not.
    """

    outcome: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LastErrand:
    """How the last errand about something went.

    Parameters
    ----------
    job_id, actor, asked_at
        Its job, who asked for it and when.
    finished_at
        When it was over; None while it is under way.
    outcome
        What came of it, in words; empty while it is under way.
    failed
        Whether it came to nothing.
    """

    job_id: int
    actor: str
    asked_at: datetime
    finished_at: datetime | None
    outcome: str
    failed: bool


def ask_errand(
    session: Session,
    kind: JobKind,
    *,
    actor: str,
    peer_id: int | None = None,
    quarantine_id: int | None = None,
) -> int:
    """Queue an errand of a locked peer or a locked quarantined object, and give its number.

    Raises
    ------
    WrongArgumentError
        If the same is under way.
    """
    same = select(Job.id).where(
        Job.kind == kind,
        Job.state.in_(_OPEN),
        Job.peer_id == peer_id if peer_id is not None else Job.quarantine_id == quarantine_id,
    )
    if session.execute(same).first() is not None:
        message = "the same is under way already"
        raise WrongArgumentError(message)
    job = Job(kind=kind, actor=actor, peer_id=peer_id, quarantine_id=quarantine_id)
    session.add(job)
    session.flush()
    return job.id


def end_errand(session: Session, claim: Claim, told: Told) -> Job:
    """Note what came of an errand.

    Raises
    ------
    LostLeaseError
        If somebody else has it by now.
    """
    job = holds(session, claim)
    end_job(job, JobState.DONE, told.error)
    job.outcome = told.outcome
    return job


def last_errands(
    session: Session, kind: JobKind, of: InstrumentedAttribute[int | None]
) -> dict[int, LastErrand]:
    """Give the last errand of a kind about each thing.

    Parameters
    ----------
    session
        A reading session.
    kind
        Of which errands.
    of
        The column of `Job` that names the thing.

    Returns
    -------
    dict
        By the thing's row.
    """
    last = select(func.max(Job.id)).where(Job.kind == kind, of.is_not(None)).group_by(of)
    found: dict[int, LastErrand] = {}
    for thing, job in session.execute(select(of, Job).where(Job.id.in_(last))):
        if thing is None:
            continue
        over = job.state not in _OPEN
        found[thing] = LastErrand(
            job_id=job.id,
            actor=job.actor,
            asked_at=job.created_at,
            finished_at=job.finished_at if over else None,
            outcome=(job.error or job.outcome) if over else "",
            failed=over and job.error is not None,
        )
    return found
