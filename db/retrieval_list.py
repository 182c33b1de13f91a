"""Fetches of studies from peers, as an administrator looks at them and has them tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import WrongArgumentError
from core.states import JobState, Purpose
from db.audit import record
from db.models import AuditAction, Peer, Retrieval


@dataclass(frozen=True, slots=True)
class ListedRetrieval:
    """One fetch.

    Parameters
    ----------
    retrieval_id, study_uid, purpose, campaign, state, attempts, completed, failed, error
        Its row.
    peer
        From whom.
    requested_at, due_at, finished_at
        When it was asked for, is to be begun, and ended (None: not yet).
    """

    retrieval_id: int
    peer: str
    study_uid: str
    purpose: Purpose
    campaign: str
    state: JobState
    attempts: int
    completed: int
    failed: int
    error: str
    requested_at: datetime
    due_at: datetime
    finished_at: datetime | None


def retrievals(
    session: Session, *, state: JobState | None, limit: int, offset: int = 0
) -> Sequence[ListedRetrieval]:
    """List fetches, the newest first; of one state, or (None) of all."""
    query = select(Retrieval, Peer.name).join(Peer, Peer.id == Retrieval.peer_id)
    if state is not None:
        query = query.where(Retrieval.state == state)
    rows = session.execute(query.order_by(Retrieval.id.desc()).limit(limit).offset(offset))
    return [
        ListedRetrieval(
            retrieval_id=row.id,
            peer=peer,
            study_uid=row.study_uid,
            purpose=row.purpose,
            campaign=row.campaign,
            state=row.state,
            attempts=row.attempts,
            completed=row.completed,
            failed=row.failed,
            error=row.error or "",
            requested_at=row.requested_at,
            due_at=row.due_at,
            finished_at=row.finished_at,
        )
        for row, peer in rows
    ]


def count_retrievals(session: Session) -> dict[JobState, int]:
    """Count the fetches in each state that occurs."""
    rows = session.execute(select(Retrieval.state, func.count()).group_by(Retrieval.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows are no pairs to mypy


def fetch_again(session: Session, retrieval_id: int, *, actor: str) -> None:
    """Let a fetch that failed be tried anew, with all its attempts.

    Raises
    ------
    WrongArgumentError
        If there is no such fetch, or it did not fail.
    """
    row = session.scalars(
        select(Retrieval).where(Retrieval.id == retrieval_id).with_for_update()
    ).one_or_none()
    if row is None:
        message = f"there is no fetch {retrieval_id}"
        raise WrongArgumentError(message)
    if row.state is not JobState.FAILED:
        message = f"fetch {retrieval_id} is {row.state.value}: only one that failed is tried anew"
        raise WrongArgumentError(message)
    row.state, row.attempts, row.due_at, row.finished_at = JobState.WAITING, 0, now(), None
    row.worker = None
    record(
        session,
        AuditAction.RETRIEVAL_ASKED,
        actor=actor,
        study_id=row.for_study_id,
        study_uid=row.study_uid,
        purpose=row.purpose.value,
        campaign=row.campaign,
        again=True,
    )
