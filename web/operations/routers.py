"""Every router of operations."""

from typing import Final

from web.access.guard import GuardedRouter
from web.api import audit as audit_api
from web.api import operations, operations_acts
from web.pages.operations import (
    audit,
    deliveries,
    jobs,
    kept_back,
    overview,
    peers,
    quarantine,
    retrievals,
    workers,
)

ROUTERS: Final[tuple[GuardedRouter, ...]] = (
    overview.router,
    peers.router,
    jobs.router,
    deliveries.router,
    kept_back.router,
    quarantine.router,
    retrievals.router,
    workers.router,
    audit.router,
    operations.router,
    operations_acts.router,
    audit_api.router,
)
