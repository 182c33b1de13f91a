"""What a worker writes of a film: flags first, then the whole reading, or why there is none.

Each is one transaction under the fencing token, together with the study's publish job, so a
worker that dies in between leaves either all of a step or nothing of it.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.clock import now
from core.errors import FileRemovedError, LostLeaseError
from core.reading import Flag, Given, ModelIdentity, Reading
from core.report import ReportKind, ReportVersion
from core.states import FilmState, Purpose
from db.engine import Database
from db.films import lock_study, set_film_state
from db.jobs import Claim, fail, finish, holds, push_back_publish
from db.models import Instance, ReadingRow, ReportVersionRow, Study
from db.positive_flags import note_change
from db.reading_rows import begin_reading, complete_reading, current_reading
from db.standings import IN_SHADOW
from db.tiers import raise_tier
from db.versions import version_of


@dataclass(frozen=True, slots=True)
class FilmToRead:
    """A claimed film.

    Parameters
    ----------
    instance_id, study_id
        Its rows.
    sop_instance_uid
        Its UID.
    path
        Its file.
    given
        What is known beside it.
    purpose
        What for; an audit's film is read in shadow.
    asked_of_pixels
        What the header left open, in words; "" for nothing.
    """

    instance_id: int
    study_id: int
    sop_instance_uid: str
    path: Path
    given: Given
    purpose: Purpose
    asked_of_pixels: str = ""


def film_for(db: Database, claim: Claim) -> FilmToRead:
    """Give the film of a draft claim, and put it into the state `reading`.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now, or the film was rejected: then its job is over.
    FileRemovedError
        If its pixels are gone.
    ValueError
        If the claim is of a job without a film.
    """
    with db.write() as session:
        holds(session, claim)
        film = set_film_state(session, _film_id(claim), FilmState.READING, None, actor=claim.worker)
        if film.removed_at is not None:
            what = "its picture"
            raise FileRemovedError(what, film.removed_at)
        if film.rejection_code is None:
            return FilmToRead(
                instance_id=film.id,
                study_id=film.study_id,
                sop_instance_uid=film.uid,
                path=Path(film.path),
                given=Given(film.indication, film.technique, film.comparison),
                purpose=film.purpose,
                asked_of_pixels=film.asked_of_pixels,
            )
        finish(session, claim)
    raise _rejected(film)


def store_flags(
    db: Database,
    claim: Claim,
    reading_id: str,
    model: ModelIdentity,
    flags: tuple[Flag, ...],
    *,
    idle_seconds: float,
) -> None:
    """Commit the flags of a reading that is still being written, and raise the study's tier.

    They stand even if the report never follows. Doing it twice is doing it once.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    with db.write() as session:
        holds(session, claim)
        film, study = _film(session, claim)
        row = begin_reading(session, claim, film, reading_id=reading_id, model=model, flags=flags)
        _told(session, claim, row, film=film, study=study, idle_seconds=idle_seconds)
        note_change(session, film, study, reading_id)


def store_reading(
    db: Database, claim: Claim, reading: Reading, *, idle_seconds: float
) -> ReportVersion:
    """Commit a whole reading: film read, draft written, job done.

    It becomes the film's current reading; an earlier one is superseded. Where its model is in
    shadow, the film has no result by it, and says so unless it has one by another model.

    Returns
    -------
    ReportVersion
        The draft, version 1 of the reading's report.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now; nothing was written.
    """
    with db.write() as session:
        holds(session, claim)
        film, study = _film(session, claim)
        row = begin_reading(
            session, claim, film, reading_id=reading.id, model=reading.model, flags=reading.flags
        )
        complete_reading(session, claim, row, reading)
        draft = ReportVersionRow(
            id=uuid.uuid4().hex,
            reading_id=reading.id,
            number=1,
            kind=ReportKind.DRAFT,
            findings=reading.report.findings,
            impression=reading.report.impression,
            created_at=now(),
        )
        session.add(draft)
        _told(session, claim, row, film=film, study=study, idle_seconds=idle_seconds)
        note_change(session, film, study, reading.id)
        state, reason = _end_of(film, row, current_reading(session, film.id))
        finish(session, claim)
        set_film_state(session, film.id, state, reason, actor=claim.worker)
        return version_of(draft)


def film_failed(db: Database, claim: Claim, reason: str) -> None:
    """End a film's draft for good: it failed, and is never shown as normal.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    with db.write() as session:
        fail(session, claim, reason)


def film_not_read(db: Database, claim: Claim, reason: str) -> None:
    """End a film's draft since it must not be read after all.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    _end_without_reading(db, claim, FilmState.NOT_READ, reason)


def film_quarantined(db: Database, claim: Claim, reason: str) -> None:
    """End a film's draft since its object turned out to be unusable; the file is kept.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    _end_without_reading(db, claim, FilmState.QUARANTINED, reason)


def _end_without_reading(db: Database, claim: Claim, state: FilmState, reason: str) -> None:
    with db.write() as session:
        holds(session, claim)
        _lock(session, claim)
        finish(session, claim)
        set_film_state(session, _film_id(claim), state, reason, actor=claim.worker)


def _film_id(claim: Claim) -> int:
    if claim.instance_id is None:
        message = f"job {claim.job_id} ({claim.kind.value}) has no film"
        raise ValueError(message)
    return claim.instance_id


def _film(session: Session, claim: Claim) -> tuple[Instance, Study]:
    film = session.get_one(Instance, _film_id(claim))
    study = _lock(session, claim)
    # What is true of it under the lock, not before.
    session.refresh(film)
    if film.rejection_code is not None:
        raise _rejected(film)
    return film, study


def _lock(session: Session, claim: Claim) -> Study:
    """Lock the study, so that what a person did of it is before a job's end or after it."""
    return lock_study(session, session.get_one(Instance, _film_id(claim)).study_id)


def _rejected(film: Instance) -> LostLeaseError:
    return LostLeaseError(f"film {film.id} was rejected while it was read")


def _end_of(
    film: Instance, row: ReadingRow, current: ReadingRow | None
) -> tuple[FilmState, str | None]:
    """Give the state in which a whole reading leaves its film, and why."""
    answered = current is not None and current.document is not None
    if row.shadow and film.purpose is Purpose.READ and not answered:
        return FilmState.NOT_READ, IN_SHADOW
    return FilmState.READ, None


def _told(
    session: Session,
    claim: Claim,
    row: ReadingRow,
    *,
    film: Instance,
    study: Study,
    idle_seconds: float,
) -> None:
    # Films that came in for an audit are read in shadow, and every film by a model on trial:
    # nothing is flagged or delivered.
    if film.purpose is not Purpose.READ or row.shadow:
        return
    raise_tier(session, study, row.tier, actor=claim.worker, instance_id=film.id, reading=row.id)
    push_back_publish(session, study.id, now() + timedelta(seconds=idle_seconds))
