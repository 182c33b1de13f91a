"""What the model said, the versions of the report, and what persons did with them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.labels import Label, Side, Site
from core.reading import Presence
from core.report import ReportKind
from core.states import ReviewState
from core.triage import Tier
from db.models.base import Base
from db.models.film import Instance


class ReadingRow(Base):
    """One pass over one film.

    The row begins with the flags (`document` is None: the report is still being written, or
    was never finished) and becomes complete with the whole reading. At most one reading of a
    film is current, which a partial unique index holds.
    """

    __tablename__ = "reading"
    __table_args__ = (
        Index(
            "uq_reading_current",
            "instance_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    current: Mapped[bool] = mapped_column(default=True)
    model_uid: Mapped[str]
    model: Mapped[dict[str, Any]]
    demo: Mapped[bool]
    shadow: Mapped[bool] = mapped_column(default=False)
    """Whether its model was in shadow: it is stored, and not shown, delivered or flagged."""
    tier: Mapped[Tier]
    """What this film's flags earned; the study's tier is never lower."""
    flags: Mapped[list[dict[str, Any]]]
    document: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """The whole reading as `core.reading_json` writes it."""
    flagged_at: Mapped[datetime] = mapped_column(default=now)
    completed_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_code: Mapped[str | None] = mapped_column(default=None)
    """Title (DCM code of CID 7010) under which a radiologist's rejection takes its results back."""

    instance: Mapped[Instance] = relationship()


class PositiveFlag(Base):
    """A label that a reading calls present or uncertain; the reading's `flags` hold the same."""

    __tablename__ = "positive_flag"
    __table_args__ = (UniqueConstraint("reading_id", "label"), Index(None, "label", "study_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    label: Mapped[Label]
    presence: Mapped[Presence]
    told: Mapped[bool] = mapped_column(default=False)
    """Whether its study has begun to wait for somebody because of it."""


class FindingRow(Base):
    """One finding of a reading, for questions across studies; `document` holds the same."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("reading_id", "position"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"))
    position: Mapped[int]
    label: Mapped[Label]
    presence: Mapped[Presence]
    score: Mapped[float | None]
    site: Mapped[Site | None]
    side: Mapped[Side | None]
    sentence: Mapped[str | None]
    boxes: Mapped[list[dict[str, Any]]]


class ReportVersionRow(Base):
    """One version of a report; never changed, save that its publishing is noted."""

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("reading_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"))
    number: Mapped[int]
    kind: Mapped[ReportKind]
    findings: Mapped[str]
    impression: Mapped[str]
    author: Mapped[str | None] = mapped_column(default=None)
    final: Mapped[bool] = mapped_column(default=False)
    """Whether FirstRead was the hospital's reporting system when it was signed."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its result objects were stored; None while they are still to be built."""

    reading: Mapped[ReadingRow] = relationship()


class ReviewRow(Base):
    """One act of a person on a draft; never changed."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("report_version.id"))
    """The version that was made by it; for a rejection the one that was rejected."""
    act: Mapped[ReviewState]
    author: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    """Why it was rejected, in words."""
    at: Mapped[datetime] = mapped_column(default=now)
