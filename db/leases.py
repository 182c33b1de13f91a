"""Work whose holder is gone goes back at once, or when its lease ends where nobody knows.

A process that was killed on this machine is known to be gone (`core.process_mark`), so that what
it held waits for nobody. Whoever is only taken for dead, and comes back, is refused by the fencing
token of its claim (`db.jobs`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.process_mark import is_gone
from core.settings import Settings
from core.states import JobKind, JobState
from db.engine import Database
from db.job_ends import fail_job, put_back_job
from db.models import Job, Peer

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a job is tried before it fails for good, whoever died of it.

    Parameters
    ----------
    films
        Attempts at reading one film, or at answering one question about it.
    others
        Attempts at any other job.

    Raises
    ------
    ValueError
        If one of them is less than one.
    """

    films: int = 3
    others: int = 5

    def __post_init__(self) -> None:
        if min(self.films, self.others) < 1:
            message = f"attempts must be at least one: {self.films}, {self.others}"
            raise ValueError(message)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Give those of an installation."""
        return cls(settings.worker.maximum_attempts, settings.delivery.maximum_attempts)

    def at(self, kind: JobKind) -> int:
        """Give the attempts at a job of a kind."""
        return self.films if kind in {JobKind.DRAFT, JobKind.CHAT} else self.others


def release_lost(
    db: Database, attempts: Attempts | None = None, kinds: Collection[JobKind] = tuple(JobKind)
) -> int:
    """Put jobs back whose lease has ended or whose holder is gone; the last attempt was the last.

    The attempts were counted when the job was claimed, so that one that kills each process that
    takes it up comes to its end as well. With publish jobs go the peers of a deliverer.

    Parameters
    ----------
    db
        Where.
    attempts
        How many a job has; None are the built-in ones.
    kinds
        Of which jobs.

    Returns
    -------
    int
        How many jobs were put back or failed.
    """
    limits = attempts or Attempts()
    if JobKind.PUBLISH in kinds:
        _let_go_of_peers(db)
    released = 0
    while _release_one(db, and_(Job.kind.in_(kinds), _lost(db)), limits):
        released += 1
    return released


def gone_holders(session: Session) -> list[str]:
    """Name the holders of claimed jobs whose process is known to have ended."""
    holders = session.scalars(
        select(Job.worker).where(Job.state == JobState.CLAIMED, Job.worker.is_not(None)).distinct()
    )
    return [name for name in holders if name is not None and is_gone(name)]


def _lost(db: Database) -> ColumnElement[bool]:
    with db.read() as session:
        gone = gone_holders(session)
    return or_(Job.lease_until < now(), Job.worker.in_(gone))


def _release_one(db: Database, lost: ColumnElement[bool], attempts: Attempts) -> bool:
    those = (Job.state == JobState.CLAIMED, lost)
    with db.read() as session:
        if session.execute(select(Job.id).where(*those).limit(1)).first() is None:
            return False
    with db.write() as session:
        # One in each transaction: two of these that hold several could wait for each other.
        job = session.scalars(
            select(Job).where(*those).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        ).one_or_none()
        if job is None:
            return False
        error = f"{job.worker} stopped answering at: {job.progress}"
        if job.attempts >= attempts.at(job.kind):
            fail_job(session, job, f"{error} (attempt {job.attempts}, the last one)")
            _log.error("job_failed", job_id=job.id, kind=job.kind.value, attempts=job.attempts)
        else:
            put_back_job(session, job, error)
        return True


def _let_go_of_peers(db: Database) -> None:
    with db.read() as session:
        held = session.scalars(select(Peer.busy_worker).where(Peer.busy_worker.is_not(None)))
        gone = [name for name in held.unique() if name is not None and is_gone(name)]
    if not gone:
        return
    with db.write() as session:
        session.execute(
            update(Peer).where(Peer.busy_worker.in_(gone)).values(busy_worker=None, busy_until=None)
        )
