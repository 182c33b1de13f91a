"""Writes audit events into the transaction of what they speak of.

`record` keeps an event until its transaction has done everything else; `seal`, the last act of
`Database.write`, then locks the chain's head, gives the events their places and hashes, and adds
them. Whoever holds the head waits for nobody any more but the disk, so that no order in which
others lock rows can make two transactions wait for each other.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import PermanentError
from db.audit_chain import Link, digest
from db.audit_guards import TAKE_HEAD
from db.models import AuditAction, AuditEvent, AuditHead
from db.models.types import clean_text

ADMINISTRATOR = "administrator"
"""Who acts where nobody says who; commands name the account that runs them."""
OPERATOR = "operator"
"""Key of a session's `info`, and of an event's details: the account behind a person's name.

A review bears the name alone, which may be several persons'.
"""
_UNSEALED = "audit_events"
_TO_BE_GIVEN = 0


def record(
    session: Session,
    action: AuditAction,
    *,
    actor: str,
    study_id: int | None = None,
    instance_id: int | None = None,
    **details: Any,
) -> None:
    """Add one event.

    Parameters
    ----------
    session
        The writing session of the change itself, of `Database.write`: both are committed, or
        neither. The event is not in the database before that.
    action
        What happened.
    actor
        Who did it.
    study_id, instance_id
        Of what.
    **details
        JSON values; may hold patient data.

    Raises
    ------
    ValueError
        If a detail is no value of JSON, such as NaN: not every program could read it again.
    """
    if OPERATOR in session.info:
        details[OPERATOR] = session.info[OPERATOR]
    try:
        # As it will be read again, and whatever becomes of the values meanwhile.
        kept = json.loads(json.dumps(details, allow_nan=False))
    except ValueError as error:
        message = f"details of {action.value} are no JSON: {error}"
        raise ValueError(message) from error
    event = Link(
        id=_TO_BE_GIVEN,
        at=now(),
        actor=clean_text(actor),
        action=action.value,
        study_id=study_id,
        instance_id=instance_id,
        details=kept,
        hash="",
    )
    session.info.setdefault(_UNSEALED, []).append(event)


def seal(session: Session) -> None:
    """Add the session's events to the chain; nothing else may be written after it.

    Raises
    ------
    PermanentError
        If somebody removed the chain's head.
    """
    events: Sequence[Link] = session.info.pop(_UNSEALED, ())
    if not events:
        return
    # Every other lock comes before the head's.
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        head = session.execute(text(f"SELECT * FROM {TAKE_HEAD}")).first()  # noqa: S608 - a constant
    else:
        # Who writes has the whole database.
        head = session.execute(select(AuditHead.last_id, AuditHead.hash)).first()
    if head is None:
        message = "the audit has no head: somebody removed it, and nothing more can be added"
        raise PermanentError(message)
    last_id, last_hash = head
    rows = []
    for event in events:
        last_id += 1
        row = {**asdict(event), "id": last_id}
        last_hash = digest(Link(**row), last_hash)
        rows.append({**row, "action": AuditAction(event.action), "hash": last_hash})
    # The head moves along by a trigger (`db.audit_guards`).
    session.execute(insert(AuditEvent), rows)
