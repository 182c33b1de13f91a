"""Which films are read: the versions of the policy; the newest is in force."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from db.models.base import Base


class PolicyRow(Base):
    """One version of the policy; rows are added and never changed."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    document: Mapped[dict[str, Any]]
    """As `core.policy` writes it."""
    actor: Mapped[str]
    """Who imported it."""
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
