"""Opening a restricted study all the same: for a while, with a reason, and loud in the audit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from db.audit import record
from db.models import Account, AuditAction, BreakGlass, Study
from db.reasons import checked_reason


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """That a person opened a restricted study.

    Parameters
    ----------
    name
        The person's account.
    study_uid, accession
        Of the study.
    reason
        The person's.
    at, until
        From when to when.
    """

    name: str
    study_uid: str
    accession: str
    reason: str
    at: datetime
    until: datetime


def break_glass(
    session: Session, account_id: int, study_id: int, reason: str, lifetime: timedelta
) -> datetime:
    """Let a person open a restricted study for a while, and give until when.

    Parameters
    ----------
    session
        A writing session.
    account_id, study_id
        Who, and what.
    reason
        The person's own words.
    lifetime
        How long.

    Raises
    ------
    WrongArgumentError
        If the reason is no reason.
    """
    words, at = checked_reason(reason), now()
    account = session.get_one(Account, account_id)
    row = BreakGlass(
        account_id=account_id, study_id=study_id, reason=words, at=at, until=at + lifetime
    )
    session.add(row)
    record(
        session,
        AuditAction.GLASS_BROKEN,
        actor=account.name,
        study_id=study_id,
        reason=words,
        until=row.until.isoformat(),
    )
    return row.until


def open_until(session: Session, study_id: int, account_id: int) -> datetime | None:
    """Give until when a person may open a study by breaking the glass; None where not."""
    return session.scalars(
        select(func.max(BreakGlass.until)).where(
            BreakGlass.study_id == study_id,
            BreakGlass.account_id == account_id,
            BreakGlass.until > now(),
        )
    ).one()


def latest_broken(session: Session, most: int) -> list[BrokenGlass]:
    """Give the latest times that somebody did so, the newest first."""
    rows = session.execute(
        select(
            Account.name,
            Study.uid,
            Study.accession,
            BreakGlass.reason,
            BreakGlass.at,
            BreakGlass.until,
        )
        .join(Account, Account.id == BreakGlass.account_id)
        .join(Study, Study.id == BreakGlass.study_id)
        .order_by(BreakGlass.id.desc())
        .limit(most)
    )
    return [BrokenGlass(*row) for row in rows]
