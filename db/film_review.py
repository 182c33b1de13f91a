"""One film's draft with all that persons made of it, as its review is shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.reading import Reading
from core.reading_json import reading_from_json
from core.report import ReportVersion
from core.states import FilmState, Purpose, ReviewState
from db.models import Instance, ReadingRow, ReportVersionRow, ReviewRow
from db.review_state import lacks_a_reading
from db.signed_reports import signed_since
from db.versions import version_of


class NoDraft(StrEnum):
    """Why a film has no draft that could be reviewed."""

    NOT_OURS = "not_ours"
    """It came in as a prior or for an audit."""
    FILM_REJECTED = "film_rejected"
    """Its department rejected it."""
    REJECTED = "rejected"
    """A person rejected its draft."""
    WAITING = "waiting"
    READING = "reading"
    IN_SHADOW = "in_shadow"
    """Only a model in shadow read it."""
    FAILED = "failed"
    NOT_READ = "not_read"


_ON_ITS_WAY: Final = {FilmState.QUEUED: NoDraft.WAITING, FilmState.READING: NoDraft.READING}
_BY_STATE: Final = {**_ON_ITS_WAY, FilmState.FAILED: NoDraft.FAILED}


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did with a draft.

    Parameters
    ----------
    act
        Accepted, edited or rejected.
    author
        The person's name as DICOM writes it.
    at
        When.
    reason
        Of a rejection.
    version_id
        The version that was made by it, or rejected.
    """

    act: ReviewState
    author: str
    at: datetime
    reason: str
    version_id: str


@dataclass(frozen=True, slots=True)
class FilmReview:
    """A film, its draft, and what became of it.

    Parameters
    ----------
    study_id, film_id, film_uid, view
        Which.
    no_draft
        Why there is nothing to review; None where there is.
    reason
        In words, of a film that failed or was not read.
    reading
        What the model said; None without a draft. That of a rejected draft is given.
    versions
        The draft and what persons made of it, the latest last; empty without a draft.
    acts
        What persons did with that reading, in their order.
    later_readings
        How many readings of the film ended after a person had reviewed this one.
    signed_since
        Since when a signed report of the study is known from elsewhere; None without one.
    lacks_a_reading
        Whether another film of the study ended without a reading since a person last acted on it.
    """

    study_id: int
    film_id: int
    film_uid: str
    view: str
    no_draft: NoDraft | None
    reason: str
    reading: Reading | None
    versions: tuple[ReportVersion, ...]
    acts: tuple[Act, ...]
    later_readings: int
    signed_since: datetime | None
    lacks_a_reading: bool

    @property
    def latest(self) -> ReportVersion | None:
        """The version that stands; None without a draft."""
        return self.versions[-1] if self.versions else None


def film_review(session: Session, study_id: int, film_uid: str) -> FilmReview | None:
    """Give the review of a film.

    Parameters
    ----------
    session
        Any session.
    study_id
        The study's row.
    film_uid
        SOP Instance UID.

    Returns
    -------
    FilmReview or None
        None where the study has no such film.
    """
    film = session.scalars(
        select(Instance).where(Instance.uid == film_uid, Instance.study_id == study_id)
    ).one_or_none()
    if film is None:
        return None
    current, withdrawn, in_shadow = _readings(session, film.id)
    no_draft = _why_none(film, current, withdrawn, in_shadow=in_shadow)
    shown = current if no_draft is None else withdrawn if no_draft is NoDraft.REJECTED else None
    return FilmReview(
        study_id=study_id,
        film_id=film.id,
        film_uid=film.uid,
        view=film.view,
        no_draft=no_draft,
        reason=film.reason or "",
        reading=None if shown is None else reading_from_json(shown.document or {}),
        versions=() if shown is None else _versions(session, shown.id),
        acts=() if shown is None else _acts(session, shown.id),
        later_readings=0 if no_draft or current is None else _later(session, current),
        signed_since=signed_since(session, study_id),
        lacks_a_reading=lacks_a_reading(session, study_id),
    )


def _readings(session: Session, film_id: int) -> tuple[ReadingRow | None, ReadingRow | None, bool]:
    """Give the film's whole current reading, its last rejected one, and whether one is hidden."""
    rows = session.scalars(
        select(ReadingRow)
        .where(ReadingRow.instance_id == film_id, ReadingRow.completed_at.is_not(None))
        .order_by(ReadingRow.completed_at)
    ).all()
    seen = [row for row in rows if not row.shadow]
    current = next((row for row in seen if row.current), None)
    withdrawn = [row for row in seen if row.withdrawn_code is not None]
    return current, withdrawn[-1] if withdrawn else None, len(seen) < len(rows)


def _why_none(
    film: Instance, current: ReadingRow | None, withdrawn: ReadingRow | None, *, in_shadow: bool
) -> NoDraft | None:
    if film.purpose is not Purpose.READ or film.state is FilmState.RECEIVED:
        return NoDraft.NOT_OURS
    if film.rejection_code is not None:
        return NoDraft.FILM_REJECTED
    if current is not None:
        return None
    if withdrawn is not None and film.state not in _ON_ITS_WAY:
        return NoDraft.REJECTED
    if film.state is FilmState.READ and in_shadow:
        return NoDraft.IN_SHADOW
    return _BY_STATE.get(film.state, NoDraft.NOT_READ)


def _versions(session: Session, reading_id: str) -> tuple[ReportVersion, ...]:
    rows = session.scalars(
        select(ReportVersionRow)
        .where(ReportVersionRow.reading_id == reading_id)
        .order_by(ReportVersionRow.number)
    )
    return tuple(version_of(row) for row in rows)


def _acts(session: Session, reading_id: str) -> tuple[Act, ...]:
    rows = session.scalars(
        select(ReviewRow).where(ReviewRow.reading_id == reading_id).order_by(ReviewRow.id)
    )
    return tuple(Act(row.act, row.author, row.at, row.reason, row.version_id) for row in rows)


def _later(session: Session, current: ReadingRow) -> int:
    return session.scalars(
        select(func.count())
        .select_from(ReadingRow)
        .where(
            ReadingRow.instance_id == current.instance_id,
            ReadingRow.completed_at > current.completed_at,
            ReadingRow.withdrawn_code.is_(None),
            ReadingRow.shadow.is_(False),
        )
    ).one()


def is_reading_of(session: Session, study_id: int, film_uid: str, reading_id: str) -> bool:
    """Tell whether a reading is of a film of a study."""
    return (
        session.scalars(
            select(ReadingRow.id)
            .join(ReadingRow.instance)
            .where(
                ReadingRow.id == reading_id,
                ReadingRow.study_id == study_id,
                Instance.uid == film_uid,
                ReadingRow.shadow.is_(False),
            )
        ).first()
        is not None
    )
