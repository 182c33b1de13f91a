"""Signing in."""

from fastapi import Request
from starlette.responses import Response

from web.access.guard import PUBLIC, GuardedRouter
from web.services import Given

router = GuardedRouter()


@router.page("/sign-in", roles=PUBLIC)
def show(request: Request, ours: Given) -> Response:
    """Show the form."""
    return ours.renderer.page(request, "sign_in.html")
