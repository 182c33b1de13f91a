"""A study's page: its film in the middle, its films and priors beside it, review and talk."""

from fastapi import Request
from starlette.responses import Response

from core.accounts import AccountRole
from db.study_films import FilmEntry, StudyEntry, study_entry
from web.access.guard import GuardedRouter
from web.access.refusals import NoSuchThingError
from web.access.studies import study_of
from web.access.who import Person
from web.services import Given

router = GuardedRouter()


@router.page("/studies/{study_uid}", roles=[AccountRole.RADIOLOGIST])
def show(
    request: Request, ours: Given, who: Person, study_uid: str, film: str | None = None
) -> Response:
    """Show a study, at one of its films or at the preferred one."""
    ref = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        study = study_entry(session, ref.id)
    shown = _shown(study, film)
    return ours.renderer.page(request, "study.html", study=study, film=shown)


def _shown(study: StudyEntry, film_uid: str | None) -> FilmEntry | None:
    """Give the film that is opened; None where the study has none.

    Raises
    ------
    NoSuchThingError
        If the study has no such film.
    """
    if film_uid is None:
        return study.films[0] if study.films else None
    for film in study.films:
        if film.uid == film_uid:
            return film
    message = "the study has no such film"
    raise NoSuchThingError(message)
