"""Who is spoken to, and what was fetched from them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.results import SERIES_DESCRIPTION
from core.states import DRAFT_KINDS, CommitmentWay, JobState, Purpose, SendingMode
from db.models.base import Base


class Peer(Base):
    """A remote application entity or HL7 listener, its rights, and its one clock."""

    __tablename__ = "peer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    protocol: Mapped[str] = mapped_column(default="dicom")
    """`dicom` or `hl7`."""
    ae_title: Mapped[str]
    """Empty where it speaks no DICOM."""
    host: Mapped[str]
    port: Mapped[int]
    enabled: Mapped[bool] = mapped_column(default=True)
    sends_films: Mapped[bool] = mapped_column(default=False)
    takes_results: Mapped[bool] = mapped_column(default=False)
    accepts_demo: Mapped[bool] = mapped_column(default=False)
    """Whether results of the demonstration model may be sent there."""
    takes_rejections: Mapped[bool] = mapped_column(default=False)
    """Whether a rejection note is sent there when a result of ours is taken back."""
    gives_priors: Mapped[bool] = mapped_column(default=False)
    """Whether it is asked for earlier films and reports of a study's patient."""
    accepted_sop_classes: Mapped[list[str]] = mapped_column(default=list)
    """SOP Class UIDs that are accepted from it though they are not read."""
    presentation_lut_shape: Mapped[str] = mapped_column(default="auto")
    sr_class: Mapped[str] = mapped_column(default="comprehensive3d")
    result_kinds: Mapped[list[str]] = mapped_column(default=lambda: [*DRAFT_KINDS])
    """Which DICOM results it gets, as values of `ResultKind`."""
    series_number_base: Mapped[int] = mapped_column(default=9001)
    series_description: Mapped[str] = mapped_column(default=SERIES_DESCRIPTION)
    """Template with `{kind}`, `{film}` and `{notice}`."""
    character_set: Mapped[str] = mapped_column(default="ISO_IR 192")
    receiving_application: Mapped[str] = mapped_column(default="")
    """MSH-5 of messages to it."""
    receiving_facility: Mapped[str] = mapped_column(default="")
    """MSH-6 of messages to it."""
    tls: Mapped[bool] = mapped_column(default=False)
    tls_ca_file: Mapped[str] = mapped_column(default="")
    """Authorities (PEM) that its certificate must come from; empty are the system's."""
    tls_certificate_file: Mapped[str] = mapped_column(default="")
    """Our own certificate (PEM) where it asks for one."""
    tls_key_file: Mapped[str] = mapped_column(default="")
    lines: Mapped[int] = mapped_column(default=1)
    """Associations or connections over which results go at once; those of one study go on one."""
    mode: Mapped[SendingMode] = mapped_column(default=SendingMode.SEND)
    """What becomes of results for it; an administrator's word, in no file of peers."""
    mode_changed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was put into its mode; what was made later does not leave in a drain."""
    learned_sr_class: Mapped[str] = mapped_column(default="")
    """The SR class that it turned out to take instead of `sr_class`; empty until then, and again
    once its entry is imported."""
    quiet_from: Mapped[str] = mapped_column(default="")
    """`HH:MM` in the site's zone from which nothing is sent until `quiet_until`; empty is never."""
    quiet_until: Mapped[str] = mapped_column(default="")
    commitment: Mapped[CommitmentWay] = mapped_column(default=CommitmentWay.NONE)
    """How it is asked whether it keeps what it said it stored."""
    commitment_seconds: Mapped[float] = mapped_column(default=600.0)
    """How long its answer to a request for storage commitment is waited for, and how long after it
    stored something that is looked for by C-FIND."""
    commitment_at: Mapped[datetime | None] = mapped_column(default=None)
    """It is not asked what it keeps before this time; None is at once."""
    commitment_failures: Mapped[int] = mapped_column(default=0)
    """Times in a row that it could not be asked."""
    commitment_error: Mapped[str | None] = mapped_column(default=None)
    """Why it could not be asked the last time."""
    calling_networks: Mapped[list[str]] = mapped_column(default=list)
    """Networks (CIDR) from which it may call; empty is its `host` alone."""
    certificate_names: Mapped[list[str]] = mapped_column(default=list)
    """DNS names or common names of certificates of which it must show one, and so calls over TLS
    only; empty is any that the authority signed."""
    maximum_associations: Mapped[int | None] = mapped_column(default=None)
    """Associations that it may have open with us; None is what the settings say."""
    maximum_pdu: Mapped[int | None] = mapped_column(default=None)
    """Bytes of a PDU that are announced to it (PS3.8 section 9.3.2); None is our own."""
    idle_seconds: Mapped[float | None] = mapped_column(default=None)
    """Silence after which an association of it is ended; None is what the settings say."""
    last_received_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it last sent an object, to within a minute."""
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=None)
    """No delivery to it before this time; None is at once."""
    failures: Mapped[int] = mapped_column(default=0)
    """Failed attempts since the last success."""
    last_error: Mapped[str | None] = mapped_column(default=None)
    last_sent_at: Mapped[datetime | None] = mapped_column(default=None)
    busy_worker: Mapped[str | None] = mapped_column(default=None)
    busy_until: Mapped[datetime | None] = mapped_column(default=None)
    """Until when one deliverer has this peer for itself."""
    changed_at: Mapped[datetime] = mapped_column(default=now)


class Retrieval(Base):
    """A fetch of one study from a peer, and what for: what comes in by it is never read by chance.

    Whatever arrives at the second AE title belongs to a retrieval of its study, or is refused.
    """

    __tablename__ = "retrieval"
    __table_args__ = (
        UniqueConstraint("campaign", "peer_id", "study_uid", "purpose"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    peer_id: Mapped[int] = mapped_column(ForeignKey("peer.id"))
    study_uid: Mapped[str] = mapped_column(index=True)
    series_uids: Mapped[list[str]] = mapped_column(default=list)
    """The series that are fetched; empty for the whole study."""
    purpose: Mapped[Purpose]
    campaign: Mapped[str] = mapped_column(default="")
    """Name of the backfill that it belongs to; for priors the study's UID they are fetched for."""
    for_study_id: Mapped[int | None] = mapped_column(ForeignKey("study.id"), default=None)
    """For priors, the study beside whose draft they are to stand."""
    patient_id: Mapped[str] = mapped_column(default="")
    issuer: Mapped[str] = mapped_column(default="")
    """Whose it should be; an object of another patient is not taken as a prior."""
    study_date: Mapped[str] = mapped_column(default="")
    """As the peer told it (DA), unchecked."""
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    """Those that were this study's own; what a peer that is away costs is not counted."""
    token: Mapped[int] = mapped_column(default=0)
    """Counted up by each claim; a write under another number is refused."""
    worker: Mapped[str | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime] = mapped_column(default=now)
    completed: Mapped[int] = mapped_column(default=0)
    """Sub-operations that the peer says it completed (PS3.7 section C.3.2)."""
    failed: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(default=None)
    requested_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
