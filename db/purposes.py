"""An object that was fetched as a prior or for an audit, and now comes in to be read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import FilmState, JobKind, JobState, Purpose, Standing
from db.audit import record
from db.films import refresh_study
from db.jobs import add_job, ask_publish
from db.models import AuditAction, Instance, Job, ReadingRow, Study
from db.positive_flags import note_change
from db.received import ReadDecision, ReceivedObject
from db.standings import standing_of
from db.tiers import raise_tier


def raise_purpose(
    session: Session,
    study: Study,
    film: Instance,
    received: ReceivedObject,
    decision: ReadDecision,
) -> bool:
    """Let the decision on an object apply that was known for another purpose; never lowers it.

    A film that an audit's shadow already read is not read again: its reading is published and
    flagged as any other. An audit's film that is not to be read today (since it is too old, for
    one) stays in the shadow: the audit still wants it.

    Parameters
    ----------
    session
        A writing session that holds the study.
    study, film
        The rows.
    received
        The object as it came now.
    decision
        Whether it is to be read.

    Returns
    -------
    bool
        Whether it now waits for a worker.
    """
    if received.purpose is not Purpose.READ or film.purpose is Purpose.READ:
        return False
    to_read = decision.state is FilmState.QUEUED
    if film.purpose is Purpose.AUDIT and not to_read:
        return False
    record(
        session,
        AuditAction.PURPOSE_RAISED,
        actor=received.calling_ae,
        study_id=study.id,
        instance_id=film.id,
        before=film.purpose.value,
    )
    film.purpose = Purpose.READ
    film.calling_ae, film.called_ae = received.calling_ae, received.called_ae
    film.view = received.view
    film.rule, film.policy_version = decision.rule, decision.policy_version
    film.asked_of_pixels = decision.asked_of_pixels
    waits = film.rejection_code is None and _apply(session, study, film, decision)
    refresh_study(session, study)
    return waits


def _apply(session: Session, study: Study, film: Instance, decision: ReadDecision) -> bool:
    if decision.state is not FilmState.QUEUED:
        film.state, film.reason = decision.state, decision.reason
        return False
    if film.state is FilmState.READ and _publish_shadow(session, study, film):
        return False
    if not _has_open_draft(session, film):
        film.state, film.reason = FilmState.QUEUED, None
        add_job(
            session,
            JobKind.DRAFT,
            instance_id=film.id,
            study_id=study.id,
            urgency=int(study.tier),
        )
    return True


def _publish_shadow(session: Session, study: Study, film: Instance) -> bool:
    """Bring an audit's reading into the light; False where there is none that may be shown."""
    reading = session.scalars(
        select(ReadingRow).where(
            ReadingRow.instance_id == film.id,
            ReadingRow.current,
            ReadingRow.completed_at.is_not(None),
        )
    ).one_or_none()
    if reading is None or standing_of(session, reading.model_uid) is Standing.SHADOW:
        return False
    raise_tier(session, study, reading.tier, actor=film.calling_ae, instance_id=film.id)
    note_change(session, film, study, reading.id)
    ask_publish(session, study.id)
    return True


def _has_open_draft(session: Session, film: Instance) -> bool:
    open_draft = select(Job.id).where(
        Job.kind == JobKind.DRAFT,
        Job.state.in_((JobState.WAITING, JobState.CLAIMED)),
        Job.instance_id == film.id,
    )
    return session.execute(open_draft).first() is not None
