"""Every router of the review."""

from typing import Final

from web.access.guard import GuardedRouter
from web.api import openings, verdicts
from web.api import review as calls
from web.pages import print_view
from web.pages import review as parts

ROUTERS: Final[tuple[GuardedRouter, ...]] = (
    parts.router,
    print_view.router,
    calls.router,
    verdicts.router,
    openings.router,
)
"""In the order in which routes are looked for."""
