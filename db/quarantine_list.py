"""Objects that were kept aside, as an administrator decides about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core.states import QuarantineDecision
from db.errands import LastErrand
from db.models import Quarantine
from db.releases import last_releases


@dataclass(frozen=True, slots=True)
class ObjectAside:
    """One object that was kept aside.

    Parameters
    ----------
    quarantine_id, sop_instance_uid, study_uid, calling_ae, reason, times
        Its row; the UIDs as far as they are known.
    received_at, last_at
        When it came first and last.
    removed_at
        When its file was removed; None where it is there.
    decision, decided_by, decided_at
        What was decided about it; None and "" where nothing was.
    release
        How the last try to take it in went; None where nobody asked for it.
    """

    quarantine_id: int
    sop_instance_uid: str
    study_uid: str
    calling_ae: str
    reason: str
    times: int
    received_at: datetime
    last_at: datetime
    removed_at: datetime | None
    decision: QuarantineDecision | None
    decided_by: str
    decided_at: datetime | None
    release: LastErrand | None

    @property
    def is_open(self) -> bool:
        """Whether somebody can decide about it."""
        return self.decision is None and self.removed_at is None

    @property
    def is_being_released(self) -> bool:
        """Whether it is being taken in."""
        return self.release is not None and self.release.finished_at is None


def objects_aside(
    session: Session, *, decided: bool, limit: int, offset: int = 0
) -> Sequence[ObjectAside]:
    """List objects that were kept aside, the newest first.

    Parameters
    ----------
    session
        A reading session.
    decided
        Those that somebody decided about, or whose files are gone; else the others.
    limit, offset
        How many, and after how many others.
    """
    releases = last_releases(session)
    rows = session.scalars(
        select(Quarantine)
        .where(_which(decided=decided))
        .order_by(Quarantine.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        ObjectAside(
            quarantine_id=row.id,
            sop_instance_uid=row.sop_instance_uid,
            study_uid=row.study_uid,
            calling_ae=row.calling_ae,
            reason=row.reason,
            times=row.times,
            received_at=row.received_at,
            last_at=row.last_at,
            removed_at=row.removed_at,
            decision=row.decision,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            release=releases.get(row.id),
        )
        for row in rows
    ]


def count_aside(session: Session, *, decided: bool) -> int:
    """Count the objects that `objects_aside` lists without a limit."""
    return session.scalars(
        select(func.count()).select_from(Quarantine).where(_which(decided=decided))
    ).one()


def _which(*, decided: bool) -> ColumnElement[bool]:
    if decided:
        return or_(Quarantine.decision.is_not(None), Quarantine.removed_at.is_not(None))
    return and_(Quarantine.decision.is_(None), Quarantine.removed_at.is_(None))
