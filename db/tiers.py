"""A study's place in the worklist: it rises with its films, and never falls."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.states import JobKind, JobState
from core.triage import Tier
from db.audit import record
from db.models import AuditAction, Job, Study


def raise_tier(
    session: Session, study: Study, tier: Tier, *, actor: str, instance_id: int | None
) -> None:
    """Raise a locked study to a tier, and note in the audit by which film; a lower one is nothing.

    The study's other films are wanted sooner, too.
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
