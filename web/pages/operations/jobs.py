"""Queues with their depth and age, and single jobs with what went wrong."""

from typing import Annotated, Final

from fastapi import Form, Query, Request
from starlette.responses import Response

from core.states import JobKind, JobState
from db.job_orders import OPEN_OR_BAD, JobFilter, list_jobs
from db.queues import queues
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.operations import acts
from web.operations.lists import AT_ONCE, MOST_PAGES, Sheet, chosen
from web.operations.roles import ADMINISTRATOR
from web.operations.said import Said, answer
from web.services import Given

router = GuardedRouter()
_HERE: Final = "/operations/queues"


@router.page(_HERE, roles=ADMINISTRATOR)
def show(
    request: Request,
    ours: Given,
    *,
    state: str = "",
    kind: str = "",
    study: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show the queues, and those jobs that somebody may want to look at."""
    states, kinds = chosen(JobState, state), chosen(JobKind, kind)
    which = JobFilter(
        OPEN_OR_BAD if states is None else (states,), () if kinds is None else (kinds,), study
    )
    with ours.db.read() as session:
        depths = queues(session)
        found = list_jobs(session, which, limit=AT_ONCE + 1, offset=(page - 1) * AT_ONCE)
    return ours.renderer.page(
        request,
        "operations/jobs.html",
        queues=depths,
        jobs=found[:AT_ONCE],
        sheet=Sheet.of(page, more=len(found) > AT_ONCE, state=state, kind=kind, study=study),
        wanted={"state": state, "kind": kind, "study": study},
        states=tuple(JobState),
        kinds=tuple(JobKind),
    )


@router.page("/operations/jobs/retry", roles=ADMINISTRATOR, methods=["POST"])
def retry(
    request: Request, ours: Given, who: Person, job: Annotated[RowNumber, Form()]
) -> Response:
    """Let a job that ended badly be tried anew."""

    def act() -> Said:
        acts.retry(ours.db, who, job)
        return Said("retry", {"job": job})

    return answer(request, ours, _HERE, act)


@router.page("/operations/jobs/cancel", roles=ADMINISTRATOR, methods=["POST"])
def cancel(
    request: Request, ours: Given, who: Person, job: Annotated[RowNumber, Form()]
) -> Response:
    """Call a job off."""

    def act() -> Said:
        acts.cancel(ours.db, who, job)
        return Said("cancel", {"job": job})

    return answer(request, ours, _HERE, act)
