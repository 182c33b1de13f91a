"""Which workers live, and how far each one is."""

from datetime import datetime

from sqlalchemy import BigInteger
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
    model_name: Mapped[str] = mapped_column(default="")
    memory_used: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """Bytes of the device's memory in use; None where unknown."""
    memory_total: Mapped[int | None] = mapped_column(BigInteger, default=None)
    films: Mapped[int] = mapped_column(default=0)
    """Films that it has brought to an end since it started."""
    hour_films: Mapped[int] = mapped_column(default=0)
    """Those of the last hour."""
    job_id: Mapped[int | None] = mapped_column(default=None)
    progress: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    progress_at: Mapped[datetime] = mapped_column(default=now)
    """When `progress` last changed: a worker that is seen but does not progress hangs."""
