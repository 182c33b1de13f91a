"""Writes audit events into the transaction of what they speak of."""

from typing import Any

from sqlalchemy.orm import Session

from db.models import AuditAction, AuditEvent


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
        The writing session of the change itself: both are committed, or neither.
    action
        What happened.
    actor
        Who did it.
    study_id, instance_id
        Of what.
    **details
        JSON values; may hold patient data.
    """
    session.add(
        AuditEvent(
            action=action,
            actor=actor,
            study_id=study_id,
            instance_id=instance_id,
            details=details,
        )
    )
