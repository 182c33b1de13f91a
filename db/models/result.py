"""What goes out: result objects, and their way to each peer."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.states import CommitmentState, DeliveryState, ResultKind
from db.models.base import Base
from db.models.peer import Peer


class ResultObject(Base):
    """One DICOM instance made from a report version, in one variant; its bytes are on disk."""

    __tablename__ = "result_object"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[ResultKind]
    variant_key: Mapped[str]
    sop_class_uid: Mapped[str]
    series_uid: Mapped[str] = mapped_column(default="")
    """Empty where an earlier release made it."""
    path: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("report_version.id"), index=True)
    predecessor_uid: Mapped[str | None] = mapped_column(default=None)
    """SOP Instance UID of the earlier object of the same film that it replaces."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its file was removed by the rule of retention."""


class Commitment(Base):
    """One request for storage commitment: one transaction with one peer (PS3.4 annex J)."""

    __tablename__ = "commitment"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    peer_id: Mapped[int] = mapped_column(ForeignKey("peer.id"))
    transaction_uid: Mapped[str] = mapped_column(unique=True)
    state: Mapped[CommitmentState] = mapped_column(default=CommitmentState.ASKED)
    words: Mapped[str] = mapped_column(default="")
    """The outcome in words."""
    asked_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    """When it counts as not answered."""
    answered_at: Mapped[datetime | None] = mapped_column(default=None)


class Recall(Base):
    """An administrator's word that what was made of a reading is taken back at a peer.

    It holds for the model's draft, and for what persons had made of it by then that is not final.
    """

    __tablename__ = "recall"
    __table_args__ = (UniqueConstraint("reading_id", "peer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"))
    peer_id: Mapped[int] = mapped_column(ForeignKey("peer.id"))
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Base):
    """One result object x one peer."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("result_id", "peer_id"),
        Index(None, "peer_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result_object.id"))
    peer_id: Mapped[int] = mapped_column(ForeignKey("peer.id"))
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None] = mapped_column(default=None)
    """The last DIMSE status or HL7 error code (table 0357), None where no answer came."""
    words: Mapped[str] = mapped_column(default="")
    """The last outcome in words."""
    begun_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it began to be sent, until the outcome is noted; what stays so, nobody knows of."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    commitment_id: Mapped[int | None] = mapped_column(
        ForeignKey("commitment.id"), default=None, index=True
    )
    """The last request for storage commitment that named it."""
    committed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the peer said that it keeps it."""
    asks: Mapped[int] = mapped_column(default=0)
    """Requests for storage commitment since it was stored, none of them answered for it."""
    ask_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its peer is asked again whether it keeps it; None where it was not asked yet."""
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=None)
    """Not tried again before this time, and nothing else of its study; None is at once."""
    lost: Mapped[int] = mapped_column(default=0)
    """How often the peer turned out not to have what it had said it stored."""
    rejection_uid: Mapped[str | None] = mapped_column(default=None)
    """SOP Instance UID of our rejection note by which the object is taken back at this peer."""

    result: Mapped[ResultObject] = relationship()
    peer: Mapped[Peer] = relationship()
    commitment: Mapped[Commitment | None] = relationship()
