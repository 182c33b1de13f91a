"""What every page needs, made once and handed to each request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from core.settings import Settings
from db.engine import Database
from web.access.provider import Provider
from web.access.viewings import Viewings
from web.pixels import PixelStore
from web.rendering import Renderer
from web.streams import Streams
from web.worklist.live import Live


def silent() -> None:
    """Ring no bell: workers look by their own clock as well."""


@dataclass(frozen=True, slots=True)
class Services:
    """What an application of the reading room works with.

    Parameters
    ----------
    settings
        The whole tree.
    db
        The database.
    renderer
        Makes pages of templates.
    pixels
        Films, decoded for the screen.
    viewings
        Which viewings of studies the audit knows already.
    streams
        Which streams of news are open, and whose.
    ring
        Has a worker look at once for what was queued; returns at once.
    provider
        The hospital's identity provider, where one is set.
    live
        News of the worklist, for pages that stay open.
    """

    settings: Settings
    db: Database
    renderer: Renderer
    pixels: PixelStore
    live: Live
    viewings: Viewings = field(default_factory=Viewings)
    streams: Streams = field(default_factory=Streams)
    ring: Callable[[], None] = silent
    provider: Provider | None = None


def services(request: Request) -> Services:
    """Give the application's services to a request."""
    found: Services = request.app.state.services
    return found


Given = Annotated[Services, Depends(services)]
"""The services, as a parameter of an endpoint."""
