"""What an administrator has to look at first: everything that stands still, failed or is held.

The words are the pages' own; here is what, how much, of whom, and how bad it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.settings import Settings
from core.states import FilmState, JobKind, JobState, SendingMode
from db.audit_trail import audit_end_broken
from db.commitment_status import commitment_counts
from db.disk import Disk, disk_of
from db.engine import Database
from db.models import Instance, Retrieval
from db.peer_list import PeerState, peer_states
from db.quarantine import count_waiting_notes
from db.quarantine_list import count_aside
from db.queues import Queue, queues
from db.retractions import remaining
from db.unbuilt import unbuilt
from db.worker_list import WorkerState, worker_states

_SOON_FULL: Final = 0.9
"""Share of what may be used of the disk above which it is told of."""
_LATE: Final = timedelta(minutes=10)
"""Films that wait for a worker for so long wait for too long."""


class Grade(StrEnum):
    """How bad something is."""

    URGENT = "urgent"
    """Films are not read, or nothing is taken in."""
    WARNING = "warning"
    """Something does not arrive, or waits for a person."""
    NOTE = "note"
    """As somebody wanted it."""


class Matter(StrEnum):
    """What there is to look at."""

    NO_WORKER = "no_worker"
    DISK_FULL = "disk_full"
    DISK_SOON_FULL = "disk_soon_full"
    DISK_UNKNOWN = "disk_unknown"
    AUDIT_BROKEN = "audit_broken"
    FILMS_WAIT = "films_wait"
    FILMS_FAILED = "films_failed"
    JOBS_FAILED = "jobs_failed"
    NOT_BUILT = "not_built"
    PEER_AWAY = "peer_away"
    DELIVERIES_FAILED = "deliveries_failed"
    NOT_KEPT = "not_kept"
    REMAINING = "remaining"
    QUARANTINED = "quarantined"
    NOTES_WAIT = "notes_wait"
    RETRIEVALS_FAILED = "retrievals_failed"
    HELD = "held"
    PEER_STOPPED = "peer_stopped"


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at.

    Parameters
    ----------
    matter, grade
        What, and how bad.
    number
        How much of it.
    name
        Of whom: a peer, or a kind of job; empty where of nobody.
    words
        What is known of the reason.
    since
        Since when; None where unknown.
    """

    matter: Matter
    grade: Grade
    number: int = 0
    name: str = ""
    words: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the installation at one look.

    Parameters
    ----------
    attention
        What to look at, the worst first.
    queues, peers, workers, disk
        As `db.queues`, `db.peer_list`, `db.worker_list` and `db.disk` say.
    films_today
        Number of films in each state that came in within the last 24 hours.
    """

    attention: tuple[Attention, ...]
    queues: tuple[Queue, ...]
    peers: tuple[PeerState, ...]
    workers: tuple[WorkerState, ...]
    disk: Disk | None
    films_today: dict[FilmState, int]


def overview(db: Database, settings: Settings) -> Overview:
    """Look at everything.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    disk = disk_of(settings)
    broken = audit_end_broken(db)
    with db.read() as session:
        all_queues = queues(session)
        peers = peer_states(session, ZoneInfo(settings.site.timezone))
        workers = worker_states(session)
        found = [
            *_of_disk(disk),
            *_of_workers(workers, all_queues),
            *_of_work(session, all_queues),
            *_of_peers(peers),
            *_of_what_is_kept(session),
        ]
        films = _films(session)
    if broken:
        found.append(Attention(Matter.AUDIT_BROKEN, Grade.URGENT, words=broken))
    # A sort keeps the order of those that are as bad.
    found.sort(key=lambda one: list(Grade).index(one.grade))
    return Overview(tuple(found), tuple(all_queues), tuple(peers), tuple(workers), disk, films)


def _of_disk(disk: Disk | None) -> Iterator[Attention]:
    if disk is None:
        yield Attention(Matter.DISK_UNKNOWN, Grade.WARNING)
    elif disk.is_full:
        yield Attention(Matter.DISK_FULL, Grade.URGENT, round(disk.used_percent))
    elif disk.used_percent > _SOON_FULL * disk.maximum_used_percent or disk.free < 2 * disk.reserve:
        yield Attention(Matter.DISK_SOON_FULL, Grade.WARNING, round(disk.used_percent))


def _of_workers(workers: list[WorkerState], all_queues: list[Queue]) -> Iterator[Attention]:
    if not any(worker.is_alive for worker in workers):
        yield Attention(Matter.NO_WORKER, Grade.URGENT)
    for queue in all_queues:
        late = queue.oldest_due_at is not None and now() - queue.oldest_due_at > _LATE
        if queue.kind is JobKind.DRAFT and late:
            yield Attention(
                Matter.FILMS_WAIT, Grade.URGENT, queue.waiting, since=queue.oldest_due_at
            )


def _of_work(session: Session, all_queues: list[Queue]) -> Iterator[Attention]:
    failed = session.scalars(
        select(func.count()).select_from(Instance).where(Instance.state == FilmState.FAILED)
    ).one()
    if failed:
        yield Attention(Matter.FILMS_FAILED, Grade.URGENT, failed)
    for queue in all_queues:
        # A film that failed is told of as a film.
        if queue.failed and queue.kind is not JobKind.DRAFT:
            yield Attention(Matter.JOBS_FAILED, Grade.WARNING, queue.failed, queue.kind.value)
    reasons = list(unbuilt(session).values())
    if reasons:
        yield Attention(Matter.NOT_BUILT, Grade.WARNING, len(reasons), words=reasons[-1][-1])
    fetches = session.scalars(
        select(func.count()).select_from(Retrieval).where(Retrieval.state == JobState.FAILED)
    ).one()
    if fetches:
        yield Attention(Matter.RETRIEVALS_FAILED, Grade.WARNING, fetches)


def _of_peers(peers: list[PeerState]) -> Iterator[Attention]:
    for peer in peers:
        if peer.enabled and peer.failures:
            words = peer.last_error
            yield Attention(Matter.PEER_AWAY, Grade.WARNING, peer.failures, peer.name, words)
        if peer.failed:
            yield Attention(Matter.DELIVERIES_FAILED, Grade.WARNING, peer.failed, peer.name)
        if peer.mode is not SendingMode.SEND:
            yield Attention(
                Matter.PEER_STOPPED,
                Grade.NOTE,
                peer.waiting,
                peer.name,
                peer.mode.value,
                # Every change of the mode notes its time.
                peer.mode_changed_at or now(),
            )
        if peer.held:
            yield Attention(Matter.HELD, Grade.NOTE, peer.held, peer.name)


def _of_what_is_kept(session: Session) -> Iterator[Attention]:
    for one in commitment_counts(session):
        if one["left"] or one["error"]:
            words = one["error"] or ""
            yield Attention(Matter.NOT_KEPT, Grade.WARNING, one["left"], one["peer"], words)
    for peer, number in remaining(session).items():
        yield Attention(Matter.REMAINING, Grade.WARNING, number, peer)
    notes = count_waiting_notes(session)
    if notes:
        yield Attention(Matter.NOTES_WAIT, Grade.WARNING, notes)
    aside = count_aside(session, decided=False) - notes
    if aside > 0:
        yield Attention(Matter.QUARANTINED, Grade.WARNING, aside)


def _films(session: Session) -> dict[FilmState, int]:
    rows = session.execute(
        select(Instance.state, func.count())
        .where(Instance.received_at >= now() - timedelta(days=1))
        .group_by(Instance.state)
    )
    return {state: number for state, number in rows}  # noqa: C416 - rows are no pairs to mypy
