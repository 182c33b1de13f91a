"""A study's page in values: the study, the film that is opened, earlier films, and neighbours."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Study
from db.neighbours import Neighbours, neighbours
from db.priors import Prior, priors_of
from db.study_films import FilmEntry, StudyEntry, study_entry
from db.worklist_filters import Filters, Onlooker
from web.access.refusals import NoSuchThingError


@dataclass(frozen=True, slots=True)
class PriorEntry:
    """An earlier frontal film, to be shown beside.

    Parameters
    ----------
    study_uid, film_uid
        Which.
    view
        PA, AP or frontal.
    taken_at
        When, as well as it is known.
    removed_at
        When its pixels were removed; None while they are here.
    """

    study_uid: str
    film_uid: str
    view: str
    taken_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Everything that the page shows, review and talk aside.

    Parameters
    ----------
    study
        The study with its films.
    film
        The one that is opened; None where there is none.
    priors
        Earlier films, the newest first, of studies that the person may open.
    beside
        The studies before and after it in the worklist that the person came from.
    """

    study: StudyEntry
    film: FilmEntry | None
    priors: tuple[PriorEntry, ...]
    beside: Neighbours


def study_page(
    session: Session, study_id: int, film_uid: str | None, filters: Filters, onlooker: Onlooker
) -> StudyPage:
    """Gather a study's page.

    Parameters
    ----------
    session
        A reading session.
    study_id
        A study that the person may open.
    film_uid
        The film that is asked for; None for the preferred one.
    filters, onlooker
        Which worklist the person came from, and who it is.

    Raises
    ------
    NoSuchThingError
        If the study shows no such film.
    """
    study = study_entry(session, study_id)
    return StudyPage(
        study=study,
        film=_opened(study, film_uid),
        priors=_priors(session, study_id, onlooker),
        beside=neighbours(session, study_id, filters, onlooker),
    )


def _opened(study: StudyEntry, film_uid: str | None) -> FilmEntry | None:
    if film_uid is None:
        return study.films[0] if study.films else None
    for film in study.films:
        if film.uid == film_uid:
            return film
    message = "the study has no such film"
    raise NoSuchThingError(message)


def _priors(session: Session, study_id: int, onlooker: Onlooker) -> tuple[PriorEntry, ...]:
    closed = set(session.scalars(select(Study.uid).where(Study.id.in_(onlooker.closed))))
    return tuple(
        entry
        for prior in priors_of(session, study_id)
        if prior.study_uid not in closed
        for entry in _entries(prior)
    )


def _entries(prior: Prior) -> tuple[PriorEntry, ...]:
    return tuple(
        PriorEntry(
            prior.study_uid, film.uid, film.view, film.taken_at or prior.taken_at, film.removed_at
        )
        for film in prior.films
    )
