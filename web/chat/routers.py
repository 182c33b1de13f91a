"""The routers of the talk about a film."""

from typing import Final

from web.access.guard import GuardedRouter
from web.api import chat as calls
from web.pages import chat as parts

ROUTERS: Final[tuple[GuardedRouter, ...]] = (parts.router, calls.router)
