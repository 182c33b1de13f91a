"""What happens in the reading room beside the review itself: openings, edits, verdicts, talk."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.labels import Label
from core.states import TurnEventKind, TurnState, Verdict
from db.models.base import Base


class Opening(Base):
    """That a person has, or had, a study open."""

    __tablename__ = "opening"
    __table_args__ = (UniqueConstraint("study_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    """When the page last told that it is open."""
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class UnsignedEdit(Base):
    """What a person typed and did not sign yet; no report, and in nobody else's sight."""

    __tablename__ = "unsigned_edit"
    __table_args__ = (UniqueConstraint("reading_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    base_version_id: Mapped[str] = mapped_column(ForeignKey("report_version.id"))
    """The version that the person was shown and began from."""
    findings: Mapped[str]
    impression: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    """Begun at random, counted up by each save; a page that knows another one is told so."""
    page: Mapped[str]
    """Which of the person's open pages saved it last."""
    step: Mapped[int] = mapped_column(default=0)
    """That page's own count of what it sent: what comes late changes nothing."""
    saved_at: Mapped[datetime] = mapped_column(default=now)


class FindingVerdict(Base):
    """One word of a person on one finding of a reading; never changed, a later one counts."""

    __tablename__ = "finding_verdict"

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"), index=True)
    finding_id: Mapped[str]
    """Of the reading; of its own where the model missed it."""
    verdict: Mapped[Verdict | None]
    """None takes the person's earlier word back."""
    label: Mapped[Label]
    boxes: Mapped[list[dict[str, Any]]]
    """Where the person says that it is, in [0, 1] of the stored pixel matrix; may be empty."""
    note: Mapped[str] = mapped_column(default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class ChatTurn(Base):
    """One question about a film, and its answer: no part of any report."""

    __tablename__ = "chat_turn"
    __table_args__ = (UniqueConstraint("instance_id", "account_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[int]
    """1 for the first turn of that person about that film."""
    told: Mapped[int] = mapped_column(default=0)
    """How many earlier turns the model was told before it answered: the last ones."""
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), default=None, index=True)
    question: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    boxes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    state: Mapped[TurnState] = mapped_column(default=TurnState.WAITING)
    error: Mapped[str | None] = mapped_column(default=None)
    model_uid: Mapped[str] = mapped_column(default="")
    demo: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    begun_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its first piece was written."""
    answered_at: Mapped[datetime | None] = mapped_column(default=None)


class ChatEvent(Base):
    """One piece of an answer, in the order in which it was written."""

    __tablename__ = "chat_event"
    __table_args__ = (Index(None, "turn_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("chat_turn.id"))
    kind: Mapped[TurnEventKind]
    text: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)
