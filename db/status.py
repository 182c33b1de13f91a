"""Counts of everything that waits, works, failed or is held, for status pages."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.clock import now
from core.states import JobKind, JobState
from db.commitment_status import commitment_counts
from db.models import Delivery, Instance, Job, Quarantine, Retrieval, Study
from db.peer_status import peer_status
from db.quarantine import count_waiting_notes
from db.retractions import remaining
from db.unbuilt import unbuilt
from db.workers import workers

_LATE: Final = timedelta(minutes=2)
"""A study whose results were put off and are not entered so long after they were asked for."""


def status_counts(session: Session, zone: ZoneInfo | None = None) -> dict[str, Any]:
    """Give the state of the installation as JSON values.

    Parameters
    ----------
    session
        A reading session.
    zone
        The site's, for the quiet hours of peers; None leaves them out.

    Returns
    -------
    dict
        `studies`, `films` and `deliveries`: number in each state that occurs; `jobs`: the same
        for each kind; `oldest_waiting`: when the oldest waiting draft or other job was queued
        (ISO 8601, None where none waits); `put_off`: why the results of studies are still not
        entered minutes after they were to be, one for each study; `not_built`: why those of
        others were not built, or not all of them, one for each study; `retrievals`: number of
        studies to be fetched from peers, by state; `remaining`: number of studies of which rejected
        results remain, by peer, also where their taking back is on its way or was refused;
        `commitment`: as `db.commitment_status.commitment_counts`;
        `quarantined`: number of objects kept aside, with their files, on which nobody decided;
        `waiting_notes`: how many of them would have rejected films; `peers`: as `db.peer_status`
        says of each; `workers`: each one's last sign of life.
    """
    return {
        "studies": _by(session, Study.state),
        "films": _by(session, Instance.state),
        "jobs": _jobs(session),
        "oldest_waiting": _oldest_waiting(session),
        "put_off": _put_off(session),
        "not_built": [reasons[-1] for reasons in unbuilt(session).values()],
        "deliveries": _by(session, Delivery.state),
        "retrievals": _by(session, Retrieval.state),
        "remaining": remaining(session),
        "commitment": commitment_counts(session),
        "quarantined": session.scalars(
            select(func.count())
            .select_from(Quarantine)
            .where(Quarantine.removed_at.is_(None), Quarantine.decision.is_(None))
        ).one(),
        "waiting_notes": count_waiting_notes(session),
        "peers": peer_status(session, zone),
        "workers": [
            {
                "name": row.name,
                "pid": row.pid,
                "device": row.device,
                "job": row.job_id,
                "progress": row.progress,
                "seen_at": row.seen_at.isoformat(),
                "progress_at": row.progress_at.isoformat(),
            }
            for row in workers(session)
        ],
    }


def _by(session: Session, column: InstrumentedAttribute[Any]) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).group_by(column))
    return {str(state): count for state, count in rows}


def _jobs(session: Session) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for kind, state, count in session.execute(
        select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
    ):
        counts.setdefault(str(kind), {})[str(state)] = count
    return counts


def _put_off(session: Session) -> list[str]:
    errors = session.scalars(
        select(Job.error)
        .where(
            Job.kind == JobKind.PUBLISH,
            Job.state.in_((JobState.WAITING, JobState.CLAIMED)),
            Job.created_at < now() - _LATE,
        )
        .order_by(Job.id)
    )
    return [error for error in errors if error]


def _oldest_waiting(session: Session) -> str | None:
    oldest: datetime | None = session.scalars(
        select(func.min(Job.created_at)).where(Job.state == JobState.WAITING)
    ).one()
    return _iso(oldest)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
