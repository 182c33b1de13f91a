"""Events that must be answerable for; rows are added and never changed (`db.audit_guards`)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

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
    TRIAGE_CHANGED = "triage_changed"
    """An administrator put another triage policy in force."""
    MODEL_SEEN = "model_seen"
    """A worker loaded a model for the first time here."""
    MODEL_STANDING_SET = "model_standing_set"
    DELIVERIES_RESENT = "deliveries_resent"
    """What a peer had refused for good was put back, to be sent once more."""
    RESULT_SENT = "result_sent"
    """A peer took one result object or message."""
    RESULT_REFUSED = "result_refused"
    """A peer refused one result object or message for good, or was not to be given it."""
    RESULT_LOST = "result_lost"
    """A peer turned out not to have what it had said it stored."""
    STUDY_VIEWED = "study_viewed"
    OBJECTS_VIEWED = "objects_viewed"
    """Stored films or results of one study were shown to a person."""
    STUDIES_SEARCHED = "studies_searched"
    """A person searched over DICOMweb, and was told of these studies."""
    READINGS_EXPORTED = "readings_exported"
    """What models said was given away without patients."""
    AUDIT_EXPORTED = "audit_exported"
    AUDIT_HEAD_REPAIRED = "audit_head_repaired"
    """The database's owner let the head name the last event again."""
    RESULTS_RECALLED = "results_recalled"
    """An administrator took back what peers have of a study."""
    JOB_RETRIED = "job_retried"
    """An administrator let a job that had ended badly be tried anew."""
    JOB_CANCELLED = "job_cancelled"
    PEER_ASKED = "peer_asked"
    """An administrator had a peer asked whether it is there."""
    RELEASE_ASKED = "release_asked"
    """An administrator wants an object taken in that was kept aside."""
    OBJECT_RELEASED = "object_released"
    OBJECT_DISCARDED = "object_discarded"
    """An administrator decided that an object that was kept aside is of no use."""
    AUDIT_SEARCHED = "audit_searched"
    FILES_REMOVED = "files_removed"
    """The rule of retention removed a study's files; their rows stay."""
    PEER_MODE_CHANGED = "peer_mode_changed"
    SR_CLASS_LEARNED = "sr_class_learned"
    """A peer turned out to take another class of SR than its entry says."""
    PURPOSE_RAISED = "purpose_raised"
    """An object fetched as a prior or for an audit came in to be read as well."""
    FILM_REJECTED = "film_rejected"
    REPORT_SIGNED = "report_signed"
    """A signed report of the study became known."""
    RETRIEVAL_ASKED = "retrieval_asked"
    DRAFT_ACCEPTED = "draft_accepted"
    DRAFT_EDITED = "draft_edited"
    DRAFT_REJECTED = "draft_rejected"
    VERDICT_GIVEN = "verdict_given"
    """A person said of a finding that it is right, wrong, elsewhere or missed, or took it back."""
    QUESTION_ASKED = "question_asked"
    """A person asked a model about a film."""
    QUESTION_CANCELLED = "question_cancelled"
    READING_KEPT_BESIDE = "reading_kept_beside"
    """A film was read again after a person had accepted or edited its draft, which stands."""
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_PAUSED = "sign_in_paused"
    """Somebody gave wrong passwords so often that a pause began."""
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    """Its roles, whether it may sign in, or its password."""
    LINK_MADE = "link_made"
    """A link that signs a person in once was made for an account."""
    TOKEN_MADE = "token_made"  # noqa: S105 - the name of an act
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - as above
    STUDY_RESTRICTED = "study_restricted"
    RESTRICTION_LIFTED = "restriction_lifted"
    GLASS_BROKEN = "glass_broken"
    """A person opened a study in spite of a restriction, and said why."""


class AuditEvent(Base):
    """One event; `details` may hold patient data and is shown to auditors only.

    It bears no foreign keys: it outlives what it speaks of, and to write it takes no lock of a
    study, which somebody else may hold while waiting for the chain's head.
    """

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the chain, given by `db.audit.seal`."""
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str]
    """Who did it: a calling AE title, a worker's name, a person."""
    action: Mapped[AuditAction]
    study_id: Mapped[int | None] = mapped_column(default=None, index=True)
    instance_id: Mapped[int | None] = mapped_column(default=None)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hash: Mapped[str]
    """SHA-256 over this event and the hash of the one before it (`db.audit_chain`)."""


class AuditHead(Base):
    """The end of the chain: one row, locked by whoever adds to it.

    What was cut off the end of the chain is missed by it.
    """

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Always 1."""
    last_id: Mapped[int]
    """Of the last event; 0 where there is none."""
    hash: Mapped[str]
    """Of the last event; empty where there is none."""
