"""What administrators decide while it runs: which films are read, what is urgent, which models."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.states import Standing
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


class TriagePolicyRow(Base):
    """One version of the triage policy; rows are added and never changed."""

    __tablename__ = "triage_policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    document: Mapped[dict[str, Any]]
    actor: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class ModelRow(Base):
    """A model that a worker has loaded here."""

    __tablename__ = "model"

    uid: Mapped[str] = mapped_column(primary_key=True)
    identity: Mapped[dict[str, Any]]
    """As `core.reading_json` writes it."""
    demo: Mapped[bool]
    first_seen_at: Mapped[datetime] = mapped_column(default=now)


class ModelStanding(Base):
    """An administrator's word on a model; rows are added and never changed, the newest counts."""

    __tablename__ = "model_standing"

    id: Mapped[int] = mapped_column(primary_key=True)
    model_uid: Mapped[str] = mapped_column(ForeignKey("model.uid"), index=True)
    standing: Mapped[Standing]
    basis: Mapped[str]
    """On what basis, in words."""
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
