"""A study's reports as they are printed: whose they are, what each is, and every film's answer."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import Response

from core.accounts import AccountRole
from core.clock import now
from db.film_review import FilmReview, NoDraft, film_review
from db.standings import is_authorised
from db.study_films import study_entry
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person
from web.review.banner import banner
from web.services import Given

router = GuardedRouter()
_NEVER_READ: Final = (NoDraft.NOT_OURS, NoDraft.FILM_REJECTED)


@dataclass(frozen=True, slots=True)
class PrintedFilm:
    """One film's report.

    Parameters
    ----------
    review
        The film, and what stands.
    banner
        The sentences that stand before it; empty without a report.
    """

    review: FilmReview
    banner: list[str]


@router.page("/studies/{study_uid}/print", roles=(AccountRole.RADIOLOGIST,))
def show(request: Request, ours: Given, who: Person, study_uid: str) -> Response:
    """Show a study's reports for printing; a film without one says why."""
    ref = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        study = study_entry(session, ref.id)
        reviews = [film_review(session, ref.id, film.uid) for film in study.films]
        films = []
        for review in reviews:
            if review is None or review.no_draft in _NEVER_READ:
                continue
            said: list[str] = []
            if review.reading is not None and review.latest is not None:
                authorised = is_authorised(session, review.reading.model.uid)
                said = banner(ours.settings, review.reading, review.latest, authorised=authorised)
            films.append(PrintedFilm(review, said))
    return ours.renderer.page(
        request, "study/print.html", study=study, films=films, printed_at=now()
    )
