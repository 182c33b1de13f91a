"""The JSON API of operations: the same as its pages, for programs of an administrator."""

from datetime import timedelta
from enum import Enum
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Query

from core.clock import now
from core.states import DeliveryState, FilmState, JobKind, JobState
from db.attention import Overview, overview
from db.delivery_list import OPEN_OR_BAD, DeliveryFilter, ListedDelivery, deliveries
from db.job_orders import OPEN_OR_BAD as OPEN_JOBS
from db.job_orders import JobFilter, ListedJob, list_jobs
from db.kept_back import FilmKeptBack, KeptBackReason, films_kept_back, reasons_kept_back
from db.peer_list import PeerState, peer_states
from db.quarantine_list import ObjectAside, objects_aside
from db.queues import Queue, queues
from db.retrieval_list import ListedRetrieval, retrievals
from db.worker_list import WorkerState, worker_states
from web.access.guard import GuardedRouter
from web.numbers import LARGEST_NUMBER
from web.operations.lists import AT_ONCE
from web.operations.roles import ADMINISTRATOR
from web.services import Given

router = GuardedRouter()
ADDRESS: Final = "/api/v1/operations"
TAGS: Final[list[str | Enum]] = ["operations"]
MOST: Final = 500
"""Rows of one answer, at most."""
Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows at most.")]
Offset = Annotated[int, Query(ge=0, le=LARGEST_NUMBER, description="After how many others.")]
_Study = Annotated[str, Query(max_length=64, description="Study Instance UID; empty is any.")]


@router.call(f"{ADDRESS}/overview", roles=ADMINISTRATOR, tags=TAGS)
def look(ours: Given) -> Overview:
    """Look at everything: what needs attention, queues, peers, workers and the disk."""
    return overview(ours.db, ours.settings)


@router.call(f"{ADDRESS}/peers", roles=ADMINISTRATOR, tags=TAGS)
def all_peers(ours: Given) -> list[PeerState]:
    """List the peers by name."""
    with ours.db.read() as session:
        return peer_states(session, ZoneInfo(ours.settings.site.timezone))


@router.call(f"{ADDRESS}/queues", roles=ADMINISTRATOR, tags=TAGS)
def all_queues(ours: Given) -> list[Queue]:
    """Give the depth and the age of every queue."""
    with ours.db.read() as session:
        return queues(session)


@router.call(f"{ADDRESS}/jobs", roles=ADMINISTRATOR, tags=TAGS)
def jobs(
    ours: Given,
    *,
    state: JobState | None = None,
    kind: JobKind | None = None,
    study: _Study = "",
    limit: Limit = AT_ONCE,
    offset: Offset = 0,
) -> list[ListedJob]:
    """List jobs: without a state those that are not done, the failed ones first."""
    which = JobFilter(
        OPEN_JOBS if state is None else (state,), () if kind is None else (kind,), study
    )
    with ours.db.read() as session:
        return list_jobs(session, which, limit=limit, offset=offset)


@router.call(f"{ADDRESS}/deliveries", roles=ADMINISTRATOR, tags=TAGS)
def all_deliveries(
    ours: Given,
    *,
    state: Annotated[list[DeliveryState], Query()] = list(OPEN_OR_BAD),  # noqa: B006 - copied for each request
    peer: Annotated[str, Query(max_length=64)] = "",
    study: _Study = "",
    limit: Limit = AT_ONCE,
    offset: Offset = 0,
) -> list[ListedDelivery]:
    """List deliveries, those that changed last first."""
    with ours.db.read() as session:
        which = DeliveryFilter(state, peer, study)
        return list(deliveries(session, which, limit=limit, offset=offset))


@router.call(f"{ADDRESS}/kept-back", roles=ADMINISTRATOR, tags=TAGS)
def kept_back(
    ours: Given,
    *,
    state: FilmState | None = None,
    days: Annotated[int, Query(ge=1, le=36500)] = 7,
    limit: Limit = AT_ONCE,
    offset: Offset = 0,
) -> list[FilmKeptBack]:
    """List films of the last days of which there is no reading, the newest first."""
    since = now() - timedelta(days=days)
    with ours.db.read() as session:
        return list(films_kept_back(session, since, state=state, limit=limit, offset=offset))


@router.call(f"{ADDRESS}/kept-back/reasons", roles=ADMINISTRATOR, tags=TAGS)
def reasons(ours: Given, days: Annotated[int, Query(ge=1, le=36500)] = 7) -> list[KeptBackReason]:
    """Count those films by their reasons, the most frequent first."""
    with ours.db.read() as session:
        return reasons_kept_back(session, now() - timedelta(days=days))


@router.call(f"{ADDRESS}/quarantine", roles=ADMINISTRATOR, tags=TAGS)
def quarantine(
    ours: Given, *, decided: bool = False, limit: Limit = AT_ONCE, offset: Offset = 0
) -> list[ObjectAside]:
    """List objects that were kept aside, to be decided about or over, the newest first."""
    with ours.db.read() as session:
        return list(objects_aside(session, decided=decided, limit=limit, offset=offset))


@router.call(f"{ADDRESS}/retrievals", roles=ADMINISTRATOR, tags=TAGS)
def all_retrievals(
    ours: Given, *, state: JobState | None = None, limit: Limit = AT_ONCE, offset: Offset = 0
) -> list[ListedRetrieval]:
    """List fetches from peers, the newest first."""
    with ours.db.read() as session:
        return list(retrievals(session, state=state, limit=limit, offset=offset))


@router.call(f"{ADDRESS}/workers", roles=ADMINISTRATOR, tags=TAGS)
def all_workers(ours: Given) -> list[WorkerState]:
    """List the workers that were seen lately."""
    with ours.db.read() as session:
        return worker_states(session)
