"""What persons said of a study's drafts, as one word for the worklist."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import FilmState, Purpose, ReviewState
from db.models import Instance, ReadingRow, ReviewRow

_ON_ITS_WAY = (FilmState.QUEUED, FilmState.READING)


def review_of(session: Session, study_id: int) -> ReviewState:
    """Give the review of a study from those of its films' drafts.

    `none` while a draft waits for a person, or a film that has none is still on its way; else
    `rejected` where any draft was rejected, then `edited`, then `accepted`.
    """
    reviewed = select(ReviewRow.id).where(ReviewRow.study_id == study_id).limit(1)
    if session.scalars(reviewed).first() is None:
        return ReviewState.NONE
    said = set(film_reviews(session, [study_id]).get(study_id, ()))
    order = (ReviewState.NONE, ReviewState.REJECTED, ReviewState.EDITED, ReviewState.ACCEPTED)
    return next((state for state in order if state in said), ReviewState.NONE)


def film_reviews(session: Session, study_ids: Sequence[int]) -> dict[int, tuple[ReviewState, ...]]:
    """Give what was said of each of today's films that has a draft, had one, or is to get one.

    A film whose draft was rejected stays so until it is read again. What a department rejected is
    left out.
    """
    readings = select(ReadingRow.instance_id).where(
        ReadingRow.study_id.in_(study_ids), ReadingRow.document.is_not(None)
    )
    drafts = set(session.scalars(readings.where(ReadingRow.current)))
    withdrawn = set(session.scalars(readings.where(ReadingRow.withdrawn_code.is_not(None))))
    acts = dict(
        session.execute(
            select(ReadingRow.instance_id, ReviewRow.act)
            .join(ReadingRow, ReadingRow.id == ReviewRow.reading_id)
            .where(ReviewRow.study_id.in_(study_ids), ReadingRow.current)
            .order_by(ReviewRow.id)
        ).all()
    )
    found: dict[int, list[ReviewState]] = defaultdict(list)
    for film_id, study_id, state in session.execute(
        select(Instance.id, Instance.study_id, Instance.state)
        .where(
            Instance.study_id.in_(study_ids),
            Instance.purpose == Purpose.READ,
            Instance.rejection_code.is_(None),
        )
        .order_by(Instance.id)
    ):
        if film_id in drafts:
            found[study_id].append(acts.get(film_id, ReviewState.NONE))
        elif state in _ON_ITS_WAY:
            found[study_id].append(ReviewState.NONE)
        elif film_id in withdrawn:
            found[study_id].append(ReviewState.REJECTED)
    return {study_id: tuple(reviews) for study_id, reviews in found.items()}
