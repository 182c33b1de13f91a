"""Who is spoken to, and what was fetched from them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.states import JobState, Purpose
from db.models.base import Base


class Peer(Base):
    """A remote application entity, its rights, and its one clock."""

    __tablename__ = "peer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    ae_title: Mapped[str]
    host: Mapped[str]
    port: Mapped[int]
    enabled: Mapped[bool] = mapped_column(default=True)
    sends_films: Mapped[bool] = mapped_column(default=False)
    takes_results: Mapped[bool] = mapped_column(default=False)
    accepts_demo: Mapped[bool] = mapped_column(default=False)
    """Whether results of the demonstration model may be sent there."""
    accepted_sop_classes: Mapped[list[str]] = mapped_column(default=list)
    """SOP Class UIDs that are accepted from it though they are not read."""
    presentation_lut_shape: Mapped[str] = mapped_column(default="auto")
    sr_class: Mapped[str] = mapped_column(default="comprehensive3d")
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
    """A fetch from a peer, and what for: what comes in through it is never read by chance."""

    __tablename__ = "retrieval"

    id: Mapped[int] = mapped_column(primary_key=True)
    peer_id: Mapped[int] = mapped_column(ForeignKey("peer.id"))
    study_uid: Mapped[str] = mapped_column(index=True)
    purpose: Mapped[Purpose]
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    error: Mapped[str | None] = mapped_column(default=None)
    requested_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
