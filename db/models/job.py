"""Queued work."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.states import JobKind, JobState
from db.models.base import Base

_OPEN_DRAFT = text("kind = 'draft' AND state IN ('waiting', 'claimed')")
_WAITING_PUBLISH = text("kind = 'publish' AND state = 'waiting'")


class Job(Base):
    """One piece of work; its `token` fences off whoever held it before.

    An instance has at most one open draft job, a study at most one waiting publish job: the
    partial unique indexes hold both, whatever the code does.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "state", "kind", "due_at"),
        Index(
            "uq_job_open_draft",
            "instance_id",
            unique=True,
            sqlite_where=_OPEN_DRAFT,
            postgresql_where=_OPEN_DRAFT,
        ),
        Index(
            "uq_job_waiting_publish",
            "study_id",
            unique=True,
            sqlite_where=_WAITING_PUBLISH,
            postgresql_where=_WAITING_PUBLISH,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind]
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id"), default=None)
    study_id: Mapped[int | None] = mapped_column(ForeignKey("study.id"), default=None, index=True)
    peer_id: Mapped[int | None] = mapped_column(ForeignKey("peer.id"), default=None)
    """Who is spoken to, by an echo."""
    quarantine_id: Mapped[int | None] = mapped_column(ForeignKey("quarantine.id"), default=None)
    """What is released."""
    actor: Mapped[str] = mapped_column(default="")
    """The person who asked for it; empty where nobody did."""
    outcome: Mapped[str] = mapped_column(default="")
    """What came of it in words, where there is more to tell than that it was done."""
    urgency: Mapped[int] = mapped_column(default=0)
    """A higher one is claimed sooner; a draft's is its study's tier."""
    due_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    """Counted up by each claim; a write under another number is refused."""
    worker: Mapped[str | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    progress: Mapped[str] = mapped_column(default="")
    progress_at: Mapped[datetime | None] = mapped_column(default=None)
    error: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
