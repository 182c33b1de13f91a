"""The installation's own view: when all is at rest, and a second opinion on every film."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import dcmread
from sqlalchemy import func, select

from core.errors import DatabaseAwayError
from core.states import DeliveryState, FilmState, JobKind, JobState
from db.engine import Database
from db.models import Delivery, Instance, Job, Quarantine, ReadingRow, ResultObject
from evaluation.chaos.films import Film

_LOOK_SECONDS: Final = 0.5
_OPEN: Final = (JobState.WAITING, JobState.CLAIMED)
_WORK: Final = (JobKind.DRAFT, JobKind.PUBLISH)
_GONE: Final = (FilmState.NOT_READ, FilmState.FAILED, FilmState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Inside:
    """What the database says.

    Parameters
    ----------
    under_way
        UIDs of films with an open job or a delivery that waits.
    told
        UIDs of films that show why they have no result, and of objects that were kept aside.
    failed_deliveries
        How many deliveries failed for good.
    two_readings
        UIDs of films with two current readings.
    """

    under_way: frozenset[str]
    told: frozenset[str]
    failed_deliveries: int
    two_readings: frozenset[str]


def wait_for_rest(db: Database, seconds: float) -> float | None:
    """Wait until nothing is open any more; gives the seconds that took, None if it took longer."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        try:
            if not _under_way(db):
                return time.monotonic() - begun
        except DatabaseAwayError:
            pass
        time.sleep(_LOOK_SECONDS)
    return None


def look_inside(db: Database) -> Inside:
    """Ask the database what became of everything."""
    under_way = _under_way(db)
    with db.read() as session:
        told = set(session.scalars(select(Instance.uid).where(Instance.state.in_(_GONE))))
        failed = session.scalars(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.FAILED)
        ).one()
        two = session.scalars(
            select(Instance.uid)
            .join(ReadingRow, ReadingRow.instance_id == Instance.id)
            .where(ReadingRow.current)
            .group_by(Instance.uid)
            .having(func.count() > 1)
        )
        return Inside(
            frozenset(under_way),
            frozenset(told),
            failed,
            frozenset(two),
        )


def unseen(db: Database, uids: Collection[str]) -> list[str]:
    """List the UIDs among some that neither an instance nor a quarantined object bears."""
    with db.read() as session:
        known = set(session.scalars(select(Instance.uid)))
        known |= set(session.scalars(select(Quarantine.sop_instance_uid)))
    return sorted(set(uids) - known)


def kept_aside(db: Database) -> int:
    """Count the objects that were kept aside."""
    with db.read() as session:
        return session.scalars(select(func.count()).select_from(Quarantine)).one()


def altered(db: Database, films: Iterable[Film]) -> list[str]:
    """List the films whose kept pixels are not those that were sent, to the last bit."""
    with db.read() as session:
        rows = session.execute(select(Instance.uid, Instance.path)).tuples()
        paths = {uid: Path(path) for uid, path in rows}
    return [film.uid for film in films if not _same_pixels(film.path, paths.get(film.uid))]


def _same_pixels(sent: Path, kept: Path | None) -> bool:
    if kept is None or not kept.is_file():
        return False
    return bool(dcmread(sent).PixelData == dcmread(kept).PixelData)


def _under_way(db: Database) -> set[str]:
    with db.read() as session:
        drafts = select(Instance.uid).join(Job, Job.instance_id == Instance.id)
        publishes = select(Instance.uid).join(Job, Job.study_id == Instance.study_id)
        waiting = (
            select(Instance.uid)
            .join(ResultObject, ResultObject.instance_id == Instance.id)
            .join(Delivery, Delivery.result_id == ResultObject.id)
            .where(Delivery.state == DeliveryState.WAITING)
        )
        unread = select(Instance.uid).where(
            Instance.state.in_((FilmState.QUEUED, FilmState.READING))
        )
        found = set(session.scalars(waiting)) | set(session.scalars(unread))
        for query in (drafts, publishes):
            opened = query.where(Job.kind.in_(_WORK), Job.state.in_(_OPEN))
            found |= set(session.scalars(opened))
    return found
