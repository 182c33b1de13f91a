"""What persons said of a study's drafts, as one word for the worklist."""

from collections.abc import Iterable

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
    return _together(film_reviews(session, study_id))


def film_reviews(session: Session, study_id: int) -> list[ReviewState]:
    """Give what was said of each of today's films that has a draft, had one, or is to get one.

    A film whose draft was rejected stays so until it is read again.
    """
    films = session.execute(
        select(Instance.id, Instance.state)
        .where(
            Instance.study_id == study_id,
            Instance.purpose == Purpose.READ,
            Instance.rejection_code.is_(None),
        )
        .order_by(Instance.id)
    ).all()
    readings = select(ReadingRow.instance_id).where(
        ReadingRow.study_id == study_id, ReadingRow.document.is_not(None)
    )
    drafts = set(session.scalars(readings.where(ReadingRow.current)))
    withdrawn = set(session.scalars(readings.where(ReadingRow.withdrawn_code.is_not(None))))
    acts = dict(
        session.execute(
            select(ReadingRow.instance_id, ReviewRow.act)
            .join(ReadingRow, ReadingRow.id == ReviewRow.reading_id)
            .where(ReviewRow.study_id == study_id, ReadingRow.current)
            .order_by(ReviewRow.id)
        ).all()
    )
    found: list[ReviewState] = []
    for film_id, state in films:
        if film_id in drafts:
            found.append(acts.get(film_id, ReviewState.NONE))
        elif state in _ON_ITS_WAY:
            found.append(ReviewState.NONE)
        elif film_id in withdrawn:
            found.append(ReviewState.REJECTED)
    return found


def _together(reviews: Iterable[ReviewState]) -> ReviewState:
    said = set(reviews)
    order = (ReviewState.NONE, ReviewState.REJECTED, ReviewState.EDITED, ReviewState.ACCEPTED)
    return next((state for state in order if state in said), ReviewState.NONE)
