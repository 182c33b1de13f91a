"""Backfills: the fetches that bear one name, entered at a pace, and what became of their films."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.states import FilmState, JobState, Purpose
from db.audit import record
from db.models import AuditAction, AuditEvent, Instance, Retrieval, Study
from db.retrievals import Wish, ask


@dataclass(frozen=True, slots=True)
class Campaign:
    """A backfill.

    Parameters
    ----------
    name
        Under which it is gone on with.
    per_minute
        Studies that become due in a minute.
    most
        Studies that it has at most.

    Raises
    ------
    ValueError
        If it has no name, or a number is not positive.
    """

    name: str
    per_minute: float
    most: int

    def __post_init__(self) -> None:
        if not self.name.strip():
            message = "a campaign needs a name, under which it is gone on with"
            raise ValueError(message)
        if not (self.per_minute > 0 and self.most > 0):
            message = f"pace and size must be positive: {self.per_minute}, {self.most}"
            raise ValueError(message)


def keep_question(session: Session, name: str, question: str, *, actor: str) -> str:
    """Note what a campaign's name stands for, unless it stands for something already.

    Parameters
    ----------
    session
        A writing session.
    name
        Of the campaign.
    question
        What it fetches, in words that are the same for the same.
    actor
        Who asks.

    Returns
    -------
    str
        The question that it stands for: the first one that was asked under this name.
    """
    details = AuditEvent.details
    first: str | None = session.scalars(
        select(details["question"].as_string())
        .where(
            AuditEvent.action == AuditAction.RETRIEVAL_ASKED,
            details["campaign"].as_string() == name,
            details["question"].as_string().is_not(None),
        )
        .order_by(AuditEvent.id)
        .limit(1)
    ).first()
    if first is None:
        record(session, AuditAction.RETRIEVAL_ASKED, actor=actor, campaign=name, question=question)
    return first or question


def enter(session: Session, campaign: Campaign, wishes: Iterable[Wish], *, actor: str) -> bool:
    """Enter the studies of a campaign that it has not yet, each due after the one before.

    Parameters
    ----------
    session
        A writing session.
    campaign
        Which.
    wishes
        Its studies; their campaign and due time are set here.
    actor
        Who asks.

    Returns
    -------
    bool
        Whether there is room for more of them.
    """
    known = set(
        session.scalars(select(Retrieval.study_uid).where(Retrieval.campaign == campaign.name))
    )
    due = _first_free(session, campaign)
    for wish in wishes:
        if wish.study_uid not in known and len(known) >= campaign.most:
            return False
        paced = Wish(
            peer_id=wish.peer_id,
            study_uid=wish.study_uid,
            purpose=wish.purpose,
            campaign=campaign.name,
            series_uids=wish.series_uids,
            patient_id=wish.patient_id,
            issuer=wish.issuer,
            study_date=wish.study_date,
            due_at=due,
        )
        if ask(session, paced, actor=actor):
            due += timedelta(seconds=60.0 / campaign.per_minute)
        known.add(wish.study_uid)
    return True


def film_states(session: Session, campaign: str) -> dict[FilmState, int]:
    """Count the instances of a campaign's studies that were fetched for an audit, by state."""
    studies = select(Retrieval.study_uid).where(Retrieval.campaign == campaign)
    query = (
        select(Instance.state, func.count())
        .join(Instance.study)
        .where(Study.uid.in_(studies), Instance.purpose == Purpose.AUDIT)
        .group_by(Instance.state)
    )
    return {state: number for state, number in session.execute(query)}  # noqa: C416 - a row is no tuple to mypy


def _first_free(session: Session, campaign: Campaign) -> datetime:
    """Give when the next study may be fetched, after those that wait already."""
    last: datetime | None = session.scalars(
        select(func.max(Retrieval.due_at)).where(
            Retrieval.campaign == campaign.name, Retrieval.state == JobState.WAITING
        )
    ).one()
    at = now()
    if last is None or last < at:
        return at
    return last + timedelta(seconds=60.0 / campaign.per_minute)
