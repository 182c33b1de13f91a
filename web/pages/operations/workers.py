"""Workers with their models, devices, memory and progress; and the spool's disk."""

from fastapi import Request
from starlette.responses import Response

from db.disk import disk_of
from db.worker_list import worker_states
from web.access.guard import GuardedRouter
from web.operations.roles import ADMINISTRATOR
from web.services import Given

router = GuardedRouter()


@router.page("/operations/workers", roles=ADMINISTRATOR)
def show(request: Request, ours: Given) -> Response:
    """Show the workers and the disk."""
    with ours.db.read() as session:
        workers = worker_states(session)
    return ours.renderer.page(
        request, "operations/workers.html", workers=workers, disk=disk_of(ours.settings)
    )
