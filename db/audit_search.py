"""Looks for events of the audit: by person, study, action and time, the newest first."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, false, func, or_, select
from sqlalchemy.orm import Session

from db.audit import OPERATOR
from db.models import AuditAction, AuditEvent, Study


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """Which events are looked for.

    Parameters
    ----------
    person
        Part of who did it, in whatever case, or of the account behind that name; empty is anybody.
    study_uid
        Of this study, whole; empty is any.
    action
        What happened; None is anything.
    first_at, before
        The span of time, its end not in it; None is open.
    before_id
        Only events before this place in the chain: where the page before ended; None begins with
        the newest.
    """

    person: str = ""
    study_uid: str = ""
    action: AuditAction | None = None
    first_at: datetime | None = None
    before: datetime | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event; `details` may hold patient data.

    Parameters
    ----------
    event_id, at, actor, action, details, hash
        The event; the action as it is stored, known to this version or not.
    study_uid
        Of what study; empty where it is of none, or that is gone.
    """

    event_id: int
    at: datetime
    actor: str
    action: str
    study_uid: str
    details: dict[str, Any]
    hash: str


def find_events(
    session: Session, question: AuditQuestion, *, limit: int
) -> tuple[Sequence[FoundEvent], bool]:
    """Find events, the newest first.

    Parameters
    ----------
    session
        A reading session.
    question
        Which.
    limit
        How many at most.

    Returns
    -------
    events : sequence of FoundEvent
        At most `limit`.
    more : bool
        Whether there are older ones.
    """
    rows = session.execute(
        select(
            AuditEvent.id,
            AuditEvent.at,
            AuditEvent.actor,
            cast(AuditEvent.action, String),
            func.coalesce(Study.uid, ""),
            AuditEvent.details,
            AuditEvent.hash,
        )
        .outerjoin(Study, Study.id == AuditEvent.study_id)
        .where(*_conditions(session, question))
        .order_by(AuditEvent.id.desc())
        .limit(limit + 1)
    ).all()
    found = [FoundEvent(*row) for row in rows]
    return found[:limit], len(found) > limit


def _conditions(session: Session, question: AuditQuestion) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if question.person:
        conditions.append(_by_person(question.person.lower()))
    if question.study_uid:
        conditions.append(_of_study(session, question.study_uid))
    if question.action is not None:
        conditions.append(AuditEvent.action == question.action)
    if question.first_at is not None:
        conditions.append(AuditEvent.at >= question.first_at)
    if question.before is not None:
        conditions.append(AuditEvent.at < question.before)
    if question.before_id is not None:
        conditions.append(AuditEvent.id < question.before_id)
    return conditions


def _by_person(part: str) -> ColumnElement[bool]:
    """Give the condition that somebody did it, under that name or by that account.

    The account stands last in the details. They are looked at as text, since PostgreSQL gives no
    value of a JSON in which any text holds a NUL.
    """
    inside = re.sub(r"([/%_])", r"/\1", json.dumps(part)[1:-1])
    account = func.lower(cast(AuditEvent.details, String)).like(
        f'%"{OPERATOR}": "%{inside}%"}}', escape="/"
    )
    return or_(func.lower(AuditEvent.actor).contains(part, autoescape=True), account)


def _of_study(session: Session, uid: str) -> ColumnElement[bool]:
    """Give the condition that an event is of a study, by its row or by its own words."""
    study_id = session.scalars(select(Study.id).where(Study.uid == uid)).one_or_none()
    # What was kept aside, or fetched, is of a study that may have no row.
    named = cast(AuditEvent.details, String).contains(f'"study_uid": "{uid}"', autoescape=True)
    return or_(AuditEvent.study_id == study_id if study_id is not None else false(), named)
