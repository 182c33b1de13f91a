"""Puts the reading room together."""

from collections.abc import Callable, Iterator
from typing import Final

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from core.settings import Settings
from db.engine import Database
from web import assets
from web.access.doorway import Doorway, our_names
from web.access.guard import GuardedRouter, guard_of
from web.access.provider import Provider
from web.api import films, readings, session, studies
from web.api import models as models_api
from web.api import triage as triage_api
from web.api import users as users_api
from web.chat import routers as chat
from web.dicomweb import routers as dicomweb
from web.dicomweb.cross_origin import CrossOrigin
from web.failures import add_failures
from web.headers import SafeHeaders
from web.operations import routers as operations
from web.pages import (
    account,
    api,
    break_glass,
    home,
    models,
    provider,
    sign_in,
    study,
    triage,
    unlock,
    users,
)
from web.pixels import PixelStore
from web.rendering import Renderer
from web.review import routers as review
from web.services import Services, silent
from web.worklist import routers as worklist
from web.worklist.live import Live

ROUTERS: Final[tuple[GuardedRouter, ...]] = (
    home.router,
    sign_in.router,
    provider.router,
    unlock.router,
    account.router,
    session.router,
    break_glass.router,
    users.router,
    users_api.router,
    triage.router,
    models.router,
    triage_api.router,
    models_api.router,
    *worklist.ROUTERS,
    study.router,
    films.router,
    *review.ROUTERS,
    *chat.ROUTERS,
    *dicomweb.ROUTERS,
    studies.router,
    readings.router,
    api.router,
    *operations.ROUTERS,
)
"""Every router of the reading room, in the order in which routes are looked for."""


def application(settings: Settings, db: Database, ring: Callable[[], None] = silent) -> FastAPI:
    """Build the ASGI application.

    Parameters
    ----------
    settings
        The whole tree.
    db
        The database, of the newest revision.
    ring
        Has a worker look at once for what was queued; returns at once.

    Raises
    ------
    RuntimeError
        If a route does not say who may use it.
    """
    room = FastAPI(title="FirstRead", openapi_url=None, docs_url=None, redoc_url=None)
    live = Live(settings, db)
    renderer = Renderer(settings, lambda: live.tally.counts().overdue)
    room.state.services = Services(
        settings,
        db,
        renderer,
        PixelStore(settings.web.film_cache_megabytes << 20),
        live,
        ring=ring,
        provider=Provider.of(settings.web.oidc),
    )
    for router in ROUTERS:
        room.router.routes.extend(router.routes)
    unguarded = [route for route in routes(room) if guard_of(route) is None]
    if unguarded:
        message = f"routes that do not say who may use them: {unguarded}"
        raise RuntimeError(message)
    # Scripts and styles are no secret, and sign-in needs them.
    room.router.routes.append(Mount(renderer.assets_path, assets.Assets(directory=assets.FOLDER)))
    room.add_middleware(Doorway, names=our_names(settings.web))
    room.add_middleware(SafeHeaders, over_tls=settings.web.browser_url().startswith("https:"))
    room.add_middleware(CrossOrigin, settings.web.dicomweb_origins)
    add_failures(room)
    return room


def routes(room: FastAPI) -> Iterator[BaseRoute]:
    """Give every route but that of scripts and styles."""
    yield from (route for route in room.router.routes if not isinstance(route, Mount))
