"""Walks along the audit in the database, for whoever verifies, exports or looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import String, cast, exists, func, select
from sqlalchemy.orm import Session

from db.audit_chain import End, Link, Verdict, check
from db.audit_guards import missing_guards
from db.engine import Database
from db.models import AuditEvent, AuditHead

_PIECE: Final = 1000
"""Events that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Trail:
    """A run of events that stand one after the other.

    Parameters
    ----------
    begin
        What stands before the first of them.
    end
        The last of them; of the whole audit, what its head says.
    head
        The head of the whole audit.
    events
        The events themselves, to be walked along once.
    """

    begin: End
    end: End
    head: End
    events: Iterator[Link]


@contextmanager
def open_trail(
    db: Database, first_at: datetime | None = None, before: datetime | None = None
) -> Iterator[Trail | None]:
    """Open the audit, or the run of it that covers a span of time.

    The order is that of the commits, which differs from that of the times by the length of a
    transaction: a run begins with the first event of the span and ends with its last one, and may
    hold others between them.

    Parameters
    ----------
    db
        Where.
    first_at, before
        The span, its end not in it; None is open.

    Yields
    ------
    Trail or None
        None where the audit has no head, as no audit of ours.
    """
    with db.read() as session:
        # One statement, one moment: nobody adds an event between the head and the last one.
        last_event_id = select(func.max(AuditEvent.id)).scalar_subquery()
        heads = session.execute(select(AuditHead.last_id, AuditHead.hash, last_event_id)).all()
        if len(heads) != 1:
            yield None
            return
        last_id, last_hash, last_event = heads[0]
        head = End(last_id, last_hash)
        if first_at is None and before is None:
            # What somebody put behind the head, too.
            links = _links(session, 0, max(last_id, last_event or 0))
            yield Trail(End(), head, head, links)
        else:
            begin, end = _span(session, head, first_at, before)
            yield Trail(begin, end, head, _links(session, begin.last_id, end.last_id))


def _span(
    session: Session, head: End, first_at: datetime | None, before: datetime | None
) -> tuple[End, End]:
    """Give what stands before the first event of a span of time, and its last event."""
    ids = select(func.count(), func.min(AuditEvent.id), func.max(AuditEvent.id)).where(
        AuditEvent.id <= head.last_id
    )
    if first_at is not None:
        ids = ids.where(AuditEvent.at >= first_at)
    if before is not None:
        ids = ids.where(AuditEvent.at < before)
    count, lowest, highest = session.execute(ids).one()
    if not count:
        nothing = End() if first_at is None else head
        return nothing, nothing
    # What is open has all: a file that names no day is known to be cut by that.
    begin = End() if first_at is None else _last_up_to(session, lowest - 1)
    return begin, head if before is None else _last_up_to(session, highest)


def _last_up_to(session: Session, event_id: int) -> End:
    row = session.execute(
        select(AuditEvent.id, AuditEvent.hash)
        .where(AuditEvent.id <= event_id)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    return End() if row is None else End(row.id, row.hash)


def verify_audit(db: Database, *, kept: str = "") -> Verdict:
    """Tell whether the audit in the database is as it was written.

    Parameters
    ----------
    db
        Where.
    kept
        The hash of an earlier head that was kept elsewhere; empty: none was.
    """
    with open_trail(db) as trail:
        if trail is None:
            return Verdict(0, End(), "the head is missing")
        try:
            verdict = check(trail.events, trail.begin, trail.end, kept=kept)
        except (ValueError, RecursionError):
            # Such as details that no program of ours wrote.
            return Verdict(0, End(), "an event cannot be read: somebody else wrote it")
    with db.read() as session:
        missing = missing_guards(session.connection())
    if missing and not verdict.broken:
        words = f"triggers that guard it are missing: {', '.join(missing)}"
        return Verdict(verdict.events, verdict.end, words)
    return verdict


def audit_end_broken(db: Database) -> str:
    """Tell in words what stands against adding to the audit, without walking along it.

    Returns
    -------
    str
        Empty where the head names the last event and all triggers stand.
    """
    with db.read() as session:
        # One statement, one moment.
        last = select(func.max(AuditEvent.id)).scalar_subquery()
        named = exists().where(
            AuditEvent.id == AuditHead.last_id, AuditEvent.hash == AuditHead.hash
        )
        heads = session.execute(select(AuditHead.last_id, last, named)).all()
        missing = missing_guards(session.connection())
    if len(heads) != 1:
        return "the head is missing"
    last_id, last_event, is_there = heads[0]
    if last_id != (last_event or 0) or not (is_there or last_event is None):
        return f"the head names event {last_id} and not the last one, which is {last_event or 0}"
    if missing:
        return f"triggers that guard it are missing: {', '.join(missing)}"
    return ""


def _links(session: Session, after: int, last: int) -> Iterator[Link]:
    # The action as it stands, known to this version or not.
    columns = (
        AuditEvent.id,
        AuditEvent.at,
        AuditEvent.actor,
        cast(AuditEvent.action, String),
        AuditEvent.study_id,
        AuditEvent.instance_id,
        AuditEvent.details,
        AuditEvent.hash,
    )
    at = after
    while True:
        rows = session.execute(
            select(*columns)
            .where(AuditEvent.id > at, AuditEvent.id <= last)
            .order_by(AuditEvent.id)
            .limit(_PIECE)
        ).all()
        for row in rows:
            yield Link(*row)
        if len(rows) < _PIECE:
            return
        at = rows[-1][0]
