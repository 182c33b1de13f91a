"""Studies that only named persons open, such as those of members of staff."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import WrongArgumentError
from db.accounts import account_named
from db.audit import record
from db.break_glass import open_until
from db.models import AuditAction, BreakGlass, Restriction, Study
from db.reasons import checked_reason


@dataclass(frozen=True, slots=True)
class Access:
    """How a person stands to a study.

    Parameters
    ----------
    restricted
        Whether only named persons open it.
    may_open
        Whether this person does, named or by breaking the glass.
    glass_until
        Until when, where it is by breaking the glass.
    """

    restricted: bool
    may_open: bool
    glass_until: datetime | None = None


def restrict_study(
    session: Session, study_uid: str, names: Collection[str], reason: str, *, actor: str
) -> Restriction:
    """Let only named persons open a study; what was said of it before is replaced.

    Parameters
    ----------
    session
        A writing session.
    study_uid
        Its Study Instance UID.
    names
        Of accounts; at least one.
    reason
        Why, in words.
    actor
        Who says so.

    Raises
    ------
    WrongArgumentError
        If there is no such study or account, nobody is named, or the reason is no reason.
    """
    study_id = _study_id(session, study_uid)
    accounts = sorted({account_named(session, name).name for name in names})
    if not accounts:
        message = "name at least one person who may open the study"
        raise WrongArgumentError(message)
    words = checked_reason(reason)
    row = session.scalars(select(Restriction).where(Restriction.study_id == study_id)).one_or_none()
    if row is None:
        row = Restriction(study_id=study_id)
        session.add(row)
    row.accounts, row.reason, row.actor, row.at = accounts, words, actor, now()
    session.flush()
    _tell_lists(session, study_id)
    record(
        session,
        AuditAction.STUDY_RESTRICTED,
        actor=actor,
        study_id=study_id,
        accounts=accounts,
        reason=words,
    )
    return row


def lift_restriction(session: Session, study_uid: str, reason: str, *, actor: str) -> None:
    """Let every radiologist open a study again.

    Raises
    ------
    WrongArgumentError
        If there is no such study, it is not restricted, or the reason is no reason.
    """
    study_id = _study_id(session, study_uid)
    row = session.scalars(select(Restriction).where(Restriction.study_id == study_id)).one_or_none()
    if row is None:
        message = "that study is not restricted"
        raise WrongArgumentError(message)
    words = checked_reason(reason)
    session.delete(row)
    _tell_lists(session, study_id)
    record(session, AuditAction.RESTRICTION_LIFTED, actor=actor, study_id=study_id, reason=words)


def access_to(session: Session, study_id: int, account_id: int, name: str) -> Access:
    """Tell how a person stands to a study."""
    row = session.scalars(select(Restriction).where(Restriction.study_id == study_id)).one_or_none()
    if row is None:
        return Access(restricted=False, may_open=True)
    if name in row.accounts:
        return Access(restricted=True, may_open=True)
    until = open_until(session, study_id, account_id)
    return Access(restricted=True, may_open=until is not None, glass_until=until)


def closed_studies(session: Session, account_id: int, name: str) -> frozenset[int]:
    """Give the studies that a person may not open: lists must not say whose they are.

    Parameters
    ----------
    session
        A session.
    account_id, name
        The person's account.

    Returns
    -------
    frozenset of int
        Rows of studies; few, since restrictions are.
    """
    closed = {
        study_id
        for study_id, accounts in session.execute(
            select(Restriction.study_id, Restriction.accounts)
        )
        if name not in accounts
    }
    if not closed:
        return frozenset()
    broken = session.scalars(
        select(BreakGlass.study_id).where(
            BreakGlass.account_id == account_id, BreakGlass.until > now()
        )
    )
    return frozenset(closed.difference(broken))


def all_restrictions(session: Session) -> list[tuple[Restriction, str, str]]:
    """Give all restrictions with each study's UID and accession number, the newest first."""
    rows = session.execute(
        select(Restriction, Study.uid, Study.accession)
        .join(Study, Study.id == Restriction.study_id)
        .order_by(Restriction.at.desc(), Restriction.id.desc())
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _tell_lists(session: Session, study_id: int) -> None:
    """Let open worklists show the study anew, with or without whose it is."""
    session.execute(update(Study).where(Study.id == study_id).values(changed_at=now()))


def _study_id(session: Session, uid: str) -> int:
    found = session.scalars(select(Study.id).where(Study.uid == uid.strip())).one_or_none()
    if found is None:
        message = "there is no such study"
        raise WrongArgumentError(message)
    return found
