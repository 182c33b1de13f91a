"""Every router of DICOMweb."""

from typing import Final

from web.access.guard import GuardedRouter
from web.dicomweb import bulkdata, frames, metadata, rendered, retrieve, search

ROUTERS: Final[tuple[GuardedRouter, ...]] = (
    search.router,
    metadata.router,
    frames.router,
    bulkdata.router,
    rendered.router,
    retrieve.router,
)
