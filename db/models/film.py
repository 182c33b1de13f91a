"""What came in: studies, their instances, and what was kept aside."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import now
from core.places import Place
from core.states import FilmState, Purpose, QuarantineDecision, ReviewState, StudyState
from core.triage import Tier
from db.models.base import Base


class Study(Base):
    """A study, its patient as last told, and its place in the worklist.

    `state` and `place` are written by `db.films.refresh_study` alone, from what there is of it.
    The row is also the lock under which everything of a study changes.
    """

    __tablename__ = "study"
    __table_args__ = (
        Index(None, "tier", "received_at"),
        Index(None, "patient_id", "issuer"),
        # The orders of the worklist: urgent and old ones first, and newest first.
        Index(None, "place", "tier", "received_at", "id"),
        Index(None, "place", "received_at", "id"),
        Index(None, "received_at", "id"),
        Index(
            "ix_study_unseen",
            "unseen_since",
            sqlite_where=text("unseen_since IS NOT NULL"),
            postgresql_where=text("unseen_since IS NOT NULL"),
        ),
    )

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
    search_words: Mapped[str] = mapped_column(default="")
    """What it is found by (`db.study_search`)."""
    state: Mapped[StudyState] = mapped_column(default=StudyState.NOT_READ)
    review: Mapped[ReviewState] = mapped_column(default=ReviewState.NONE)
    tier: Mapped[Tier] = mapped_column(default=Tier.ROUTINE)
    acquired_at: Mapped[datetime | None] = mapped_column(default=None)
    received_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, index=True)
    opened_at: Mapped[datetime | None] = mapped_column(default=None)
    """When a person first opened it in the reading room."""
    waited_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it rose to the top because nobody had seen to it for the longest time allowed; of a
    study that was there before the reading room, and never rises so, when it came in."""
    place: Mapped[Place] = mapped_column(default=Place.NOWHERE)
    unseen_since: Mapped[datetime | None] = mapped_column(default=None)
    """Since when a positive flag of it waits for somebody to open it; None where none does."""

    instances: Mapped[list["Instance"]] = relationship(back_populates="study")

    @property
    def waited(self) -> bool:
        """Whether it rose to the top because it had waited for too long."""
        return self.waited_at is not None and self.waited_at > self.received_at


class Instance(Base):
    """One instance and its file; a film where it is to be read.

    `path` is absolute: every process of an installation sees the spool under the same path.
    """

    __tablename__ = "instance"
    __table_args__ = (
        # Of the films of years, few still have their pixels.
        Index(
            "ix_instance_kept",
            "received_at",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

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
    policy_version: Mapped[int | None] = mapped_column(default=None)
    """The version of the policy that decided; None where it was not asked."""
    asked_of_pixels: Mapped[str] = mapped_column(default="")
    """What the header left open and only clear pixels may decide, in words; "" for nothing."""
    corrects_uid: Mapped[str | None] = mapped_column(default=None)
    """SOP Instance UID of the object that it says it replaces."""
    derived_from_uid: Mapped[str | None] = mapped_column(default=None)
    """SOP Instance UID of the one image that it says it was made from: its corrected version only
    where that image is rejected."""
    rejection_code: Mapped[str | None] = mapped_column(default=None, index=True)
    """Code of the rejection note that names it; None where none does."""
    retrieval_id: Mapped[int | None] = mapped_column(ForeignKey("retrieval.id"), default=None)
    """The fetch that it came in through; None where it was sent by itself."""
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
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its pixels were removed by the rule of retention: `path` is its header from then on."""
    content_sha256: Mapped[str | None] = mapped_column(default=None)
    """Digest of its decoded pixels, taken before its file was removed."""

    study: Mapped[Study] = relationship(back_populates="instances")


class Rejection(Base):
    """One instance that a department's rejection note names (IHE RAD TF-2, IOCM).

    A note may come before the instance that it rejects, so it refers to it by UID.
    """

    __tablename__ = "rejection"
    __table_args__ = (UniqueConstraint("note_uid", "instance_uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_uid: Mapped[str]
    """SOP Instance UID of the Key Object Selection."""
    study_uid: Mapped[str] = mapped_column(index=True)
    instance_uid: Mapped[str] = mapped_column(index=True)
    code: Mapped[str]
    """Why, by a code of CID 7010: 113001, 113037, 113038 or 113039 of DCM."""
    calling_ae: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(default=now)


class SignedReport(Base):
    """A report of a study that a person verified, in another system."""

    __tablename__ = "signed_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    uid: Mapped[str] = mapped_column(unique=True)
    """SOP Instance UID of the document."""
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id"), default=None)
    """Its object; None where only its being there is known."""
    title: Mapped[str] = mapped_column(default="")
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    received_at: Mapped[datetime] = mapped_column(default=now)


class Quarantine(Base):
    """An object that was kept aside; the same bytes again only count up."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("sop_instance_uid", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sop_instance_uid: Mapped[str]
    study_uid: Mapped[str]
    sha256: Mapped[str]
    calling_ae: Mapped[str]
    called_ae: Mapped[str] = mapped_column(default="")
    """To which of our titles it was sent; empty where an earlier release kept it."""
    reason: Mapped[str]
    path: Mapped[str] = mapped_column(unique=True)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its file was removed, by the rule of retention or since somebody decided on it."""
    decision: Mapped[QuarantineDecision | None] = mapped_column(default=None)
    """What an administrator decided; None while nobody did."""
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    times: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)
