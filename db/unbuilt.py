"""Studies whose results were not built, or not all of them: never "nothing to deliver"."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import JobKind, JobState
from db.models import Job


def unbuilt(session: Session, study_ids: Sequence[int] | None = None) -> dict[int, tuple[str, ...]]:
    """Say why results of studies were not built, the oldest reason first.

    Parameters
    ----------
    session
        A reading session.
    study_ids
        Which studies; None for all.

    Returns
    -------
    dict
        The reasons by study: its publish jobs that failed or were called off, until an
        administrator lets them be tried anew and they are done.
    """
    query = (
        select(Job.study_id, Job.error)
        .where(
            Job.kind == JobKind.PUBLISH,
            Job.state.in_((JobState.FAILED, JobState.CANCELLED)),
            Job.study_id.is_not(None),
        )
        .order_by(Job.id)
    )
    if study_ids is not None:
        query = query.where(Job.study_id.in_(study_ids))
    found: dict[int, list[str]] = defaultdict(list)
    for study_id, error in session.execute(query):
        if study_id is not None:
            found[study_id].append(error or "for an unknown reason")
    return {study_id: tuple(dict.fromkeys(reasons)) for study_id, reasons in found.items()}
