"""Events that must be answerable for; rows are added and never changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from db.models.base import Base


class AuditAction(StrEnum):
    """What happened."""

    DEMOGRAPHICS_CHANGED = "demographics_changed"
    OBJECT_QUARANTINED = "object_quarantined"
    FILM_NOT_READ = "film_not_read"
    FILM_FAILED = "film_failed"
    TIER_RAISED = "tier_raised"
    READING_SUPERSEDED = "reading_superseded"
    PEERS_IMPORTED = "peers_imported"
    POLICY_IMPORTED = "policy_imported"
    DELIVERIES_RESENT = "deliveries_resent"
    """What a peer had refused for good was put back, to be sent once more."""
    PURPOSE_RAISED = "purpose_raised"
    """An object fetched as a prior or for an audit came in to be read as well."""
    FILM_REJECTED = "film_rejected"
    REPORT_SIGNED = "report_signed"
    """A signed report of the study became known."""
    RETRIEVAL_ASKED = "retrieval_asked"
    DRAFT_ACCEPTED = "draft_accepted"
    DRAFT_EDITED = "draft_edited"
    DRAFT_REJECTED = "draft_rejected"
    READING_KEPT_BESIDE = "reading_kept_beside"
    """A film was read again after a person had accepted or edited its draft, which stands."""


class AuditEvent(Base):
    """One event; `details` may hold patient data and is shown to auditors only."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str]
    """Who did it: a calling AE title, a worker's name, a person."""
    action: Mapped[AuditAction]
    study_id: Mapped[int | None] = mapped_column(ForeignKey("study.id"), default=None, index=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id"), default=None)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hash: Mapped[str] = mapped_column(default="")
    """SHA-256 over this event and the hash of the one before it."""
