"""A study's page: its film in the middle, its films and priors beside it, review and talk."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from core.accounts import AccountRole
from db.study_films import film_file
from web import assets
from web.access.guard import GuardedRouter
from web.access.refusals import NoSuchThingError
from web.access.studies import study_of
from web.access.who import Person
from web.services import Given
from web.study.notice import film_notice
from web.study.page import study_page
from web.worklist.query import AskedFilters, onlooker, query_of

router = GuardedRouter()
_ROLES: Final = (AccountRole.RADIOLOGIST,)
_MODULES: Final = (
    "script/keys.js",
    *sorted(f"viewer/{path.name}" for path in (assets.FOLDER / "viewer").glob("*.js")),
)
"""What the page's script imports: asked for at once, not one after the other was read."""


@router.page("/studies/{study_uid}", roles=_ROLES)
def show(
    request: Request,
    ours: Given,
    who: Person,
    *,
    filters: AskedFilters,
    study_uid: str,
    film: str | None = None,
) -> Response:
    """Show a study, at one of its films or at the preferred one."""
    ref = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        page = study_page(session, ref.id, film, filters, onlooker(session, ours, who))
        opened = page.film
        file = film_file(session, ref.id, opened.uid) if opened else None
        if file is not None and file.removed_at is None:
            # Decoded while the page is still being made.
            ours.pixels.warm(file.path)
        notice = film_notice(session, ours.settings, ref.id, opened.uid) if opened else None
    return ours.renderer.page(
        request,
        "study.html",
        page=page,
        study=page.study,
        film=opened,
        notice=notice,
        ref=ref,
        query=query_of(filters),
        modules=_MODULES,
    )


@router.page("/studies/{study_uid}/films/{film_uid}/notice", roles=_ROLES)
def notice(request: Request, ours: Given, who: Person, study_uid: str, film_uid: str) -> Response:
    """Give what stands above a film, as it is now."""
    ref = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        found = film_notice(session, ours.settings, ref.id, film_uid)
    if found is None:
        message = "the study has no such film"
        raise NoSuchThingError(message)
    return ours.renderer.page(request, "study/notice.html", notice=found)
