"""The routers of the worklist."""

from typing import Final

from web.access.guard import GuardedRouter
from web.api import worklist as api
from web.pages import worklist as page

ROUTERS: Final[tuple[GuardedRouter, ...]] = (page.router, api.router)
