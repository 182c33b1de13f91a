"""What a study's page shows: whose it is, and its films with where each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.states import FilmState, Purpose, StudyState
from core.triage import Tier
from db.frontals import preference
from db.models import Instance, ReadingRow, Study

_RADIOGRAPHS = (
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1.1",
)
"""CR, and DX for presentation and for processing (PS3.4 annex B.5)."""


@dataclass(frozen=True, slots=True)
class FilmEntry:
    """One film of a study.

    Parameters
    ----------
    uid, series_uid
        Its SOP Instance UID, and its series.
    view
        PA, AP, frontal, lateral and so on; "" where the header is silent.
    state, reason
        Where it stands, and why it was not read, failed or was quarantined.
    taken_at
        When, None where unknown; `received_at` is known of each.
    received_at
        When it came in.
    removed_at
        When its pixels were removed by the rule of retention; None while they are here.
    rejected
        Whether the department rejected it.
    prior
        Whether it was fetched to stand beside another study's draft, and so is never read.
    answered
        Whether it has a whole reading that may be shown. Without one, nothing is known of it.
    """

    uid: str
    series_uid: str
    view: str
    state: FilmState
    reason: str | None
    taken_at: datetime | None
    received_at: datetime
    removed_at: datetime | None
    rejected: bool
    prior: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class StudyEntry:
    """A study, as its page heads it.

    Parameters
    ----------
    id, uid
        Its row, and its Study Instance UID.
    patient_id, patient_name, birth_date, sex, accession, description
        As last told; untrusted text.
    state, tier
        Where it stands.
    taken_at, received_at
        When it was taken (None: unknown), and when its first object came in.
    films
        Those that are shown: the preferred one first, those that were read before the others.
    """

    id: int
    uid: str
    patient_id: str
    patient_name: str
    birth_date: str
    sex: str
    accession: str
    description: str
    state: StudyState
    tier: Tier
    taken_at: datetime | None
    received_at: datetime
    films: tuple[FilmEntry, ...]


@dataclass(frozen=True, slots=True)
class FilmFile:
    """The file behind a film.

    Parameters
    ----------
    id, uid
        Its row, and its SOP Instance UID.
    path
        Of its object; of its header alone where the pixels were removed.
    removed_at
        When they were; None while they are here.
    """

    id: int
    uid: str
    path: Path
    removed_at: datetime | None


def study_entry(session: Session, study_id: int) -> StudyEntry:
    """Give a study with the films that are shown of it.

    Parameters
    ----------
    session
        A reading session.
    study_id
        The study's row, which is there.

    Returns
    -------
    StudyEntry
        Films that were fetched for an audit, and objects without a picture, are left out.
    """
    study = session.get_one(Study, study_id)
    films = session.scalars(
        select(Instance).where(Instance.study_id == study_id, *_is_shown())
    ).all()
    answered = _answered(session, [film.id for film in films])
    ordered = sorted(films, key=lambda film: (film.id not in answered, *preference(film)))
    return StudyEntry(
        id=study.id,
        uid=study.uid,
        patient_id=study.patient_id,
        patient_name=study.patient_name,
        birth_date=study.birth_date,
        sex=study.sex,
        accession=study.accession,
        description=study.description,
        state=study.state,
        tier=study.tier,
        taken_at=study.acquired_at,
        received_at=study.received_at,
        films=tuple(_entry(film, answered=film.id in answered) for film in ordered),
    )


def film_file(session: Session, study_id: int, film_uid: str) -> FilmFile | None:
    """Give the file of a film that a study's page shows; None where it shows no such film."""
    film = session.scalars(
        select(Instance).where(
            Instance.study_id == study_id, Instance.uid == film_uid, *_is_shown()
        )
    ).one_or_none()
    if film is None:
        return None
    return FilmFile(film.id, film.uid, Path(film.path), film.removed_at)


def _is_shown() -> tuple[ColumnElement[bool], ...]:
    """Tell films from reports: of what was never to be read, radiographs alone (priors are)."""
    return (
        Instance.purpose != Purpose.AUDIT,
        or_(Instance.state != FilmState.RECEIVED, Instance.sop_class_uid.in_(_RADIOGRAPHS)),
    )


def _answered(session: Session, film_ids: Sequence[int]) -> set[int]:
    return set(
        session.scalars(
            select(ReadingRow.instance_id).where(
                ReadingRow.instance_id.in_(film_ids),
                ReadingRow.current,
                ReadingRow.shadow.is_(False),
                ReadingRow.completed_at.is_not(None),
            )
        )
    )


def _entry(film: Instance, *, answered: bool) -> FilmEntry:
    return FilmEntry(
        uid=film.uid,
        series_uid=film.series_uid,
        view=film.view,
        state=film.state,
        reason=film.reason,
        taken_at=film.acquired_at,
        received_at=film.received_at,
        removed_at=film.removed_at,
        rejected=film.rejection_code is not None,
        prior=film.purpose is Purpose.PRIOR,
        answered=answered,
    )
