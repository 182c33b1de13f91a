"""A study's place in the worklist: it rises with its films, and never falls."""

from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.states import JobKind, JobState, Purpose
from core.triage import Tier
from db.audit import record
from db.models import AuditAction, Instance, Job, ReadingRow, Study

_AFTER_ALL_OTHERS: Final = -1
"""Urgency of films of the past: a film of today never waits for a whole campaign of them."""


def raise_tier(
    session: Session,
    study: Study,
    tier: Tier,
    *,
    actor: str,
    instance_id: int | None = None,
    **why: Any,
) -> None:
    """Raise a locked study to a tier, and note in the audit by which film; a lower one is nothing.

    The study's films that wait are wanted sooner, too.

    Parameters
    ----------
    session
        A writing session.
    study
        The study.
    tier
        What was earned.
    actor
        Who or what earned it.
    instance_id
        The film that did; None where it was none.
    **why
        Further details for the audit, as JSON values.
    """
    if tier <= study.tier:
        return
    record(
        session,
        AuditAction.TIER_RAISED,
        actor=actor,
        study_id=study.id,
        instance_id=instance_id,
        before=int(study.tier),
        after=int(tier),
        **why,
    )
    study.tier = tier
    session.execute(
        update(Job)
        .where(
            Job.kind == JobKind.DRAFT,
            Job.state == JobState.WAITING,
            Job.study_id == study.id,
            Job.urgency < int(tier),
        )
        .values(urgency=int(tier))
    )


def urgency_of(film: Instance, study: Study) -> int:
    """Give how urgent a film's draft is that begins to wait; its study is locked."""
    return int(study.tier) if film.purpose is Purpose.READ else _AFTER_ALL_OTHERS


def earned_tier(session: Session, study: Study) -> Tier:
    """Give the highest tier that what a model said of a study's films ever earned.

    A study that rose since nobody had seen to it for too long stands higher in the worklist, and
    nothing more is said of it elsewhere.
    """
    if not study.waited:
        return study.tier
    earned: Tier | None = session.scalar(
        select(func.max(ReadingRow.tier))
        .join(ReadingRow.instance)
        .where(
            ReadingRow.study_id == study.id,
            ReadingRow.shadow.is_(False),
            Instance.purpose == Purpose.READ,
        )
    )
    return Tier.ROUTINE if earned is None else earned
