"""The front door: on to where somebody of one's roles begins."""

from http import HTTPStatus

from starlette.responses import RedirectResponse

from web.access.guard import EVERYBODY, GuardedRouter
from web.access.who import Person
from web.navigation import first_page

router = GuardedRouter()


@router.page("/", roles=EVERYBODY)
def home(who: Person) -> RedirectResponse:
    """Go to the first page."""
    return RedirectResponse(first_page(who.roles), HTTPStatus.SEE_OTHER)
