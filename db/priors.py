"""Earlier frontal films and signed reports of a patient, to stand beside a draft.

The patient is the same where Patient ID and issuer are the same, both exactly; an empty issuer is
the same as an empty one only, and a name says nothing. Drafts of ours are never among them, nor
unsigned reports of others.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.states import FilmState, JobKind, Purpose
from db.jobs import add_job
from db.models import Instance, Job, Peer, SignedReport, Study

_MOST_STUDIES = 20
_FRONTAL_VIEWS = ("PA", "AP", "frontal")
"""As eligibility names them (`gateway.view.View`)."""
_TOO_OLD = "max_study_age"
"""The rule by which a film is not read only since it is old: it is a prior all the same."""


@dataclass(frozen=True, slots=True)
class PriorFilm:
    """An earlier frontal film.

    Parameters
    ----------
    uid
        Its SOP Instance UID.
    view
        PA, AP or frontal.
    taken_at
        None where unknown.
    path
        Its file.
    source
        Whether it came in to be read in its own day, or was fetched.
    removed_at
        When its pixels were removed by the rule of retention; None while they are here.
    """

    uid: str
    view: str
    taken_at: datetime | None
    path: Path
    source: Literal["own", "fetched"]
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriorReport:
    """An earlier report that a person signed.

    Parameters
    ----------
    uid
        Its SOP Instance UID.
    title
        Its concept name's meaning; untrusted.
    verified_at
        None where unknown.
    path
        Its file.
    """

    uid: str
    title: str
    verified_at: datetime | None
    path: Path


@dataclass(frozen=True, slots=True)
class Prior:
    """An earlier study of the same patient.

    Parameters
    ----------
    study_uid, description
        Which.
    taken_at
        When, as well as it is known: when it was received where nothing tells.
    films
        Its frontals, newest first.
    reports
        Its signed reports, newest first.
    """

    study_uid: str
    description: str
    taken_at: datetime
    films: tuple[PriorFilm, ...]
    reports: tuple[PriorReport, ...]


@dataclass(frozen=True, slots=True)
class Here:
    """What is here of an earlier study: a frontal film, a signed report."""

    films: bool
    report: bool


def ask_for_priors(session: Session, study: Study, film: Instance) -> None:
    """Queue the search for a study's priors, once, where any peer gives them.

    Parameters
    ----------
    session
        A writing session that holds the study.
    study
        The study.
    film
        A film of it that was queued just now; one that is read in shadow asks for nothing.
    """
    if film.purpose is not Purpose.READ or not study.patient_id:
        return
    gives = select(Peer.id).where(Peer.enabled, Peer.gives_priors).limit(1)
    asked = select(Job.id).where(Job.kind == JobKind.RETRIEVE, Job.study_id == study.id).limit(1)
    if session.scalars(gives).first() is None or session.scalars(asked).first() is not None:
        return
    add_job(session, JobKind.RETRIEVE, study_id=study.id)


def priors_of(session: Session, study_id: int, *, most: int = _MOST_STUDIES) -> list[Prior]:
    """List a study's priors that are here, the newest first.

    Parameters
    ----------
    session
        A reading session.
    study_id
        The study beside whose draft they are to stand.
    most
        Most studies.

    Returns
    -------
    list of Prior
        Earlier studies that have a frontal film or a signed report; rejected films and what is
        kept aside are left out.
    """
    study = session.get_one(Study, study_id)
    if not study.patient_id:
        return []
    taken = func.coalesce(Study.acquired_at, Study.received_at)
    has_film = select(Instance.study_id).where(*_is_frontal())
    has_report = select(SignedReport.study_id)
    earlier = session.scalars(
        select(Study)
        .where(
            Study.patient_id == study.patient_id,
            Study.issuer == study.issuer,
            Study.id != study.id,
            taken < (study.acquired_at or study.received_at),
            or_(Study.id.in_(has_film), Study.id.in_(has_report)),
        )
        .order_by(taken.desc(), Study.id.desc())
        .limit(most)
    ).all()
    ids = [one.id for one in earlier]
    films, reports = _films(session, ids), _reports(session, ids)
    return [
        Prior(
            study_uid=one.uid,
            description=one.description,
            taken_at=one.acquired_at or one.received_at,
            films=tuple(films[one.id]),
            reports=tuple(reports[one.id]),
        )
        for one in earlier
    ]


def here(session: Session, study_uid: str) -> Here:
    """Tell what is here of a study that a peer has, and need not be fetched."""
    films = select(Instance.id).join(Instance.study).where(Study.uid == study_uid, *_is_frontal())
    reports = (
        select(SignedReport.id)
        .join(Study, Study.id == SignedReport.study_id)
        .where(Study.uid == study_uid)
    )
    return Here(
        films=session.scalars(films.limit(1)).first() is not None,
        report=session.scalars(reports.limit(1)).first() is not None,
    )


def _is_frontal() -> tuple[ColumnElement[bool], ...]:
    return (
        Instance.view.in_(_FRONTAL_VIEWS),
        Instance.rejection_code.is_(None),
        Instance.state != FilmState.QUARANTINED,
        or_(Instance.state != FilmState.NOT_READ, Instance.rule == _TOO_OLD),
    )


def _films(session: Session, study_ids: list[int]) -> dict[int, list[PriorFilm]]:
    found: dict[int, list[PriorFilm]] = defaultdict(list)
    for film in session.scalars(
        select(Instance)
        .where(Instance.study_id.in_(study_ids), *_is_frontal())
        .order_by(func.coalesce(Instance.acquired_at, Instance.received_at).desc(), Instance.id)
    ):
        source: Literal["own", "fetched"] = "own" if film.purpose is Purpose.READ else "fetched"
        found[film.study_id].append(
            PriorFilm(
                film.uid, film.view, film.acquired_at, Path(film.path), source, film.removed_at
            )
        )
    return found


def _reports(session: Session, study_ids: list[int]) -> dict[int, list[PriorReport]]:
    found: dict[int, list[PriorReport]] = defaultdict(list)
    for report, path in session.execute(
        select(SignedReport, Instance.path)
        .join(Instance, Instance.id == SignedReport.instance_id)
        .where(SignedReport.study_id.in_(study_ids))
        .order_by(func.coalesce(SignedReport.verified_at, SignedReport.received_at).desc())
    ):
        found[report.study_id].append(
            PriorReport(report.uid, report.title, report.verified_at, Path(path))
        )
    return found
