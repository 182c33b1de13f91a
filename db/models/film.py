"""What came in: studies, their instances, and what was kept aside."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.states import FilmState, Purpose, ReviewState, StudyState
from core.triage import Tier
from db.models.base import Base


class Study(Base):
    """A study, its patient as last told, and its place in the worklist.

    `state` is written by `db.films.refresh_study` alone, from the states of the instances.
    The row is also the lock under which everything of a study changes.
    """

    __tablename__ = "study"
    __table_args__ = (Index(None, "tier", "received_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    patient_id: Mapped[str] = mapped_column(default="")
    issuer: Mapped[str] = mapped_column(default="")
    patient_name: Mapped[str] = mapped_column(default="")
    birth_date: Mapped[str] = mapped_column(default="")
    """As DICOM writes it (DA), unchecked."""
    sex: Mapped[str] = mapped_column(default="")
    accession: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    state: Mapped[StudyState] = mapped_column(default=StudyState.NOT_READ)
    review: Mapped[ReviewState] = mapped_column(default=ReviewState.NONE)
    tier: Mapped[Tier] = mapped_column(default=Tier.ROUTINE)
    acquired_at: Mapped[datetime | None] = mapped_column(default=None)
    received_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    instances: Mapped[list["Instance"]] = relationship(back_populates="study")


class Instance(Base):
    """One instance and its file; a film where it is to be read.

    `path` is absolute: every process of an installation sees the spool under the same path.
    """

    __tablename__ = "instance"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    uid: Mapped[str] = mapped_column(unique=True)
    sop_class_uid: Mapped[str]
    series_uid: Mapped[str]
    transfer_syntax_uid: Mapped[str]
    modality: Mapped[str] = mapped_column(default="")
    view: Mapped[str] = mapped_column(default="")
    path: Mapped[str] = mapped_column(unique=True)
    state: Mapped[FilmState]
    reason: Mapped[str | None] = mapped_column(default=None)
    """Why it was not read, failed or was quarantined."""
    rule: Mapped[str] = mapped_column(default="")
    """The eligibility rule that decided."""
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.READ)
    indication: Mapped[str | None] = mapped_column(default=None)
    """Why it was taken, as the header says; whoever receives orders may fill it in where the
    header is silent, until the film is claimed."""
    technique: Mapped[str | None] = mapped_column(default=None)
    comparison: Mapped[str | None] = mapped_column(default=None)
    calling_ae: Mapped[str] = mapped_column(default="")
    called_ae: Mapped[str] = mapped_column(default="")
    acquired_at: Mapped[datetime | None] = mapped_column(default=None)
    received_at: Mapped[datetime] = mapped_column(default=now)

    study: Mapped[Study] = relationship(back_populates="instances")


class Quarantine(Base):
    """An object that was kept aside; the same bytes again only count up."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("sop_instance_uid", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sop_instance_uid: Mapped[str]
    study_uid: Mapped[str]
    sha256: Mapped[str]
    calling_ae: Mapped[str]
    reason: Mapped[str]
    path: Mapped[str] = mapped_column(unique=True)
    times: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)
