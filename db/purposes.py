"""An object that was fetched as a prior or for an audit, and now comes in to be read."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.states import FilmState, JobKind, JobState, Purpose, Standing
from db.audit import record
from db.films import refresh_study
from db.jobs import add_job, ask_publish
from db.models import AuditAction, Instance, Job, ReadingRow, Study
from db.positive_flags import note_change
from db.received import ReadDecision, ReceivedObject
from db.standings import standing_of
from db.tiers import raise_tier, urgency_of


def raise_purpose(
    session: Session,
    study: Study,
    film: Instance,
    received: ReceivedObject,
    decision: ReadDecision,
) -> bool:
    """Let the decision on an object apply that was known for another purpose; never lowers it.

    A film that an audit's shadow already read is not read again: its reading is published and
    flagged as any other, unless its model is on trial by now. An audit's film that is not to be
    read today (since it is too old, for one) stays in the shadow: the audit still wants it.

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
    shown = _bring_to_light(session, study, film)
    if film.state is FilmState.READ and any(row.current and row.completed_at for row in shown):
        ask_publish(session, study.id)
        return False
    if not _hurry(session, study, film):
        film.state, film.reason = FilmState.QUEUED, None
        add_job(
            session,
            JobKind.DRAFT,
            instance_id=film.id,
            study_id=study.id,
            urgency=urgency_of(film, study),
        )
    return True


def _bring_to_light(session: Session, study: Study, film: Instance) -> list[ReadingRow]:
    """Let an audit's readings, those without a report too, count from now on; give them.

    What a model said that is on trial by now stays in its shadow.
    """
    rows = session.scalars(
        select(ReadingRow)
        .where(ReadingRow.instance_id == film.id, ReadingRow.shadow.is_(False))
        .order_by(ReadingRow.flagged_at)
    ).all()
    for row in rows:
        if standing_of(session, row.model_uid) is Standing.SHADOW:
            row.shadow, row.current = True, False
            continue
        raise_tier(
            session, study, row.tier, actor=film.calling_ae, instance_id=film.id, reading=row.id
        )
        note_change(session, film, study, row.id)
    return [row for row in rows if not row.shadow]


def _hurry(session: Session, study: Study, film: Instance) -> bool:
    """Let the film's open draft be as urgent as one of today; tell whether there is one.

    One that is claimed gets its urgency where it is put back: whoever holds it may wait for us.
    """
    open_draft = (Job.kind == JobKind.DRAFT, Job.instance_id == film.id)
    urgency = urgency_of(film, study)
    session.execute(
        update(Job)
        .where(*open_draft, Job.state == JobState.WAITING, Job.urgency < urgency)
        .values(urgency=urgency)
    )
    at_work = select(Job.id).where(*open_draft, Job.state.in_((JobState.WAITING, JobState.CLAIMED)))
    return session.execute(at_work).first() is not None
