"""The first page of operations: what needs attention, and how everything is at one look."""

from fastapi import Request
from starlette.responses import Response

from db.attention import Grade, overview
from web.access.guard import GuardedRouter
from web.operations.roles import ADMINISTRATOR
from web.services import Given

router = GuardedRouter()


@router.page("/operations", roles=ADMINISTRATOR)
def show(request: Request, ours: Given) -> Response:
    """Show the overview."""
    found = overview(ours.db, ours.settings)
    worst = found.attention[0].grade if found.attention else None
    return ours.renderer.page(
        request, "operations/overview.html", found=found, all_well=worst in {None, Grade.NOTE}
    )
