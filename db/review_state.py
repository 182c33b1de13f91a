"""What persons said of a study's drafts, as one word for the worklist."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.states import FilmState, JobKind, Purpose, ReviewState
from db.kept_back import NO_READING
from db.models import Instance, Job, ReadingRow, ReviewRow

_ON_ITS_WAY = (FilmState.QUEUED, FilmState.READING)


def review_of(session: Session, study_id: int) -> ReviewState:
    """Give the review of a study from those of its films' drafts.

    `none` while a draft waits for a person, a film that has none is still on its way, or one ended
    without a reading since a person last acted; else `rejected` where any draft was rejected, then
    `edited`, then `accepted`.
    """
    if not _was_reviewed(session, study_id):
        return ReviewState.NONE
    said = set(film_reviews(session, [study_id]).get(study_id, ()))
    order = (ReviewState.NONE, ReviewState.REJECTED, ReviewState.EDITED, ReviewState.ACCEPTED)
    return next((state for state in order if state in said), ReviewState.NONE)


def film_reviews(session: Session, study_ids: Sequence[int]) -> dict[int, tuple[ReviewState, ...]]:
    """Give what was said of each of today's films that has a draft, had one, or is to get one.

    A film whose draft was rejected stays so until it is read again. One that was to be read and
    ended without a reading since a person last acted on its study is `none`, since nobody can have
    known of it. What a department rejected is left out, and what the policy never let be read.
    """
    return {
        study_id: tuple(review or ReviewState.NONE for review in reviews)
        for study_id, reviews in _reviews(session, study_ids).items()
    }


def lacks_a_reading(session: Session, study_id: int) -> bool:
    """Tell whether a film ended without a reading since a person last acted on the study."""
    return _was_reviewed(session, study_id) and None in _reviews(session, [study_id])[study_id]


def lacks_nothing_else(session: Session, study_id: int) -> bool:
    """Tell whether such films alone keep the study from being reviewed."""
    if not _was_reviewed(session, study_id):
        return False
    said = _reviews(session, [study_id])[study_id]
    return None in said and ReviewState.NONE not in said


def _was_reviewed(session: Session, study_id: int) -> bool:
    reviewed = select(ReviewRow.id).where(ReviewRow.study_id == study_id).limit(1)
    return session.scalars(reviewed).first() is not None


def _reviews(
    session: Session, study_ids: Sequence[int]
) -> defaultdict[int, list[ReviewState | None]]:
    """Give the films' reviews; None of one that ended without a reading since the last act."""
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
    unanswered = _unanswered(session, study_ids)
    found: defaultdict[int, list[ReviewState | None]] = defaultdict(list)
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
        elif state in NO_READING and film_id in unanswered:
            found[study_id].append(None)
    return found


def _unanswered(session: Session, study_ids: Sequence[int]) -> set[int]:
    """Give the films whose draft job ended since a person last acted on their study.

    What the policy left out never had such a job.
    """
    last = (
        select(ReviewRow.study_id, func.max(ReviewRow.at).label("at"))
        .where(ReviewRow.study_id.in_(study_ids))
        .group_by(ReviewRow.study_id)
        .subquery()
    )
    ended = (
        select(Job.instance_id)
        .join(last, last.c.study_id == Job.study_id)
        .where(Job.kind == JobKind.DRAFT, Job.finished_at >= last.c.at)
    )
    return {film_id for film_id in session.scalars(ended) if film_id is not None}
