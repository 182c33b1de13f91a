"""Which workers live, and how far each one is."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from db.models.base import Base


class WorkerRow(Base):
    """A worker process's last sign of life."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]
    model_uid: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(default="")
    job_id: Mapped[int | None] = mapped_column(default=None)
    progress: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    progress_at: Mapped[datetime] = mapped_column(default=now)
    """When `progress` last changed: a worker that is seen but does not progress hangs."""
