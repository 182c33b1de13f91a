"""The states of films and of their studies; the one writer of both after intake."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.places import place_of
from core.states import FilmState, Purpose, StudyState
from core.states import study_state as state_from_films
from db.audit import record
from db.models import AuditAction, Instance, ReadingRow, SignedReport, Study
from db.review_state import lacks_nothing_else, review_of

_AUDITED = {
    FilmState.FAILED: AuditAction.FILM_FAILED,
    FilmState.NOT_READ: AuditAction.FILM_NOT_READ,
    FilmState.QUARANTINED: AuditAction.OBJECT_QUARANTINED,
}


def lock_study(session: Session, study_id: int) -> Study:
    """Take a study's row for this transaction: everything of a study changes under it."""
    return session.scalars(
        select(Study)
        .where(Study.id == study_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def refresh_study(session: Session, study: Study) -> None:
    """Set a locked study's review, state and place from its instances and what was said of them.

    Priors and films for an audit say nothing of a study that has others.
    """
    session.flush()
    rows = session.execute(
        select(Instance.state, Instance.purpose).where(Instance.study_id == study.id)
    ).all()
    todays = [state for state, purpose in rows if purpose is Purpose.READ]
    study.review = review_of(session, study.id)
    study.state = _state(session, study, todays or [state for state, _ in rows])
    study.place = place_of(
        study.state,
        listed=any(state is not FilmState.RECEIVED for state in todays),
        answered=study.state is StudyState.DRAFT_READY and _answered(session, study.id),
        signed=_signed(session, study.id),
    )
    # Whoever follows the worklist looks at what changed.
    study.changed_at = now()


def _state(session: Session, study: Study, films: Sequence[FilmState]) -> StudyState:
    state = state_from_films(films, study.review)
    if state is StudyState.DRAFT_READY and lacks_nothing_else(session, study.id):
        # No draft waits for anybody: there is only to be said what is missing.
        return state_from_films(film for film in films if film is not FilmState.READ)
    return state


def _answered(session: Session, study_id: int) -> bool:
    """Whether each of today's films that was read has a whole reading that may be shown."""
    read = session.scalars(
        select(Instance.id).where(
            Instance.study_id == study_id,
            Instance.purpose == Purpose.READ,
            Instance.state == FilmState.READ,
        )
    ).all()
    shown = session.scalars(
        select(ReadingRow.instance_id).where(
            ReadingRow.study_id == study_id,
            ReadingRow.completed_at.is_not(None),
            ReadingRow.shadow.is_(False),
        )
    ).all()
    return bool(read) and set(read) <= set(shown)


def _signed(session: Session, study_id: int) -> bool:
    signed = select(SignedReport.id).where(SignedReport.study_id == study_id).limit(1)
    return session.scalars(signed).first() is not None


def set_film_state(
    session: Session, instance_id: int, state: FilmState, reason: str | None, *, actor: str
) -> Instance:
    """Put a film into a state, its study with it, and note the bad ends in the audit.

    A rejected film keeps its state, whatever became of a job that somebody still held.

    Returns
    -------
    Instance
        The film; its study is locked.
    """
    instance = session.get_one(Instance, instance_id)
    study = lock_study(session, instance.study_id)
    session.refresh(instance)
    if instance.rejection_code is not None:
        return instance
    instance.state = state
    instance.reason = reason
    refresh_study(session, study)
    if state in _AUDITED:
        record(
            session,
            _AUDITED[state],
            actor=actor,
            study_id=study.id,
            instance_id=instance.id,
            reason=reason,
        )
    return instance
