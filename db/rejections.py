"""Films that a department rejected (IHE RAD TF-2, Imaging Object Change Management).

A rejection note may come before the film that it names, so its words are kept by UID. It counts
for instances of its own study only, whose patient is the note's.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import FilmState, JobKind, JobState
from db.audit import record
from db.films import refresh_study
from db.insert import insert_if_absent
from db.jobs import ask_publish
from db.models import (
    AuditAction,
    Instance,
    Job,
    ReadingRow,
    Rejection,
    ResultObject,
    Study,
)
from db.obsolete import make_obsolete
from db.received import ReceivedObject
from db.signed_reports import withdraw_report

REASONS = {
    "113001": "rejected for quality reasons",
    "113037": "rejected for patient safety reasons",
    "113038": "rejected: incorrect modality worklist entry",
    "113039": "rejected: data retention policy expired",
}
"""Of the document titles that make a Key Object Selection a rejection note (CID 7010, DCM)."""
FILM_REJECTED = "the film was rejected"
"""What becomes of a delivery that had not left: its words."""


def take_note(session: Session, study: Study, received: ReceivedObject) -> None:
    """Keep what a rejection note says, and reject the instances of it that are there already.

    Parameters
    ----------
    session
        A writing session that holds the study.
    study
        The note's study.
    received
        The note; anything else names nothing.
    """
    for rejected in received.rejects:
        insert_if_absent(
            session,
            Rejection,
            note_uid=received.sop_instance_uid,
            study_uid=study.uid,
            instance_uid=rejected.instance_uid,
            code=rejected.code,
            calling_ae=received.calling_ae,
        )
    named = [rejected.instance_uid for rejected in received.rejects]
    for film in session.scalars(
        select(Instance).where(Instance.study_id == study.id, Instance.uid.in_(named))
    ):
        reject_if_named(session, study, film)


def reject_if_named(session: Session, study: Study, film: Instance) -> None:
    """Reject an instance of a locked study if a note of this study names it.

    Its draft job ends, and a worker that reads it is refused; its readings are no longer current;
    what had not left becomes obsolete, and the study is published once more, so that what had
    left is taken back. Where it is the only signed report, what that stopped leaves after all.
    The study's tier stays. Doing it twice is doing it once.
    """
    if film.rejection_code is not None:
        return
    note = session.scalars(
        select(Rejection)
        .where(Rejection.instance_uid == film.uid, Rejection.study_uid == study.uid)
        .order_by(Rejection.id)
        .limit(1)
    ).one_or_none()
    if note is None:
        return
    reason = REASONS.get(note.code, f"rejected: code {note.code}")
    film.state, film.reason, film.rejection_code = FilmState.NOT_READ, reason, note.code
    record(
        session,
        AuditAction.FILM_REJECTED,
        actor=note.calling_ae,
        study_id=study.id,
        instance_id=film.id,
        note=note.note_uid,
        code=note.code,
    )
    _end_draft(session, film, reason)
    session.execute(
        update(ReadingRow)
        .where(ReadingRow.instance_id == film.id, ReadingRow.current)
        .values(current=False)
    )
    stands_again = withdraw_report(session, study, film)
    make_obsolete(session, FILM_REJECTED, ResultObject.instance_id == film.id)
    refresh_study(session, study)
    made = select(ResultObject.id).where(ResultObject.instance_id == film.id)
    if stands_again or session.scalars(made).first():
        ask_publish(session, study.id)


def rejected_at(session: Session, film: Instance) -> datetime:
    """Give when the note came that names a rejected film."""
    return session.scalars(
        select(Rejection.received_at)
        .join(Study, Study.uid == Rejection.study_uid)
        .where(Rejection.instance_uid == film.uid, Study.id == film.study_id)
        .order_by(Rejection.id)
        .limit(1)
    ).one()


def _end_draft(session: Session, film: Instance, reason: str) -> None:
    """End a film's open draft job under a new token.

    A job that a worker's transaction holds at this moment is passed over: that transaction waits
    for the study, finds the film rejected and writes nothing.
    """
    held = select(Job.id).where(
        Job.kind == JobKind.DRAFT,
        Job.state.in_((JobState.WAITING, JobState.CLAIMED)),
        Job.instance_id == film.id,
    )
    ids = session.scalars(held.with_for_update(skip_locked=True)).all()
    session.execute(
        update(Job)
        .where(Job.id.in_(ids))
        .values(
            state=JobState.DONE,
            token=Job.token + 1,
            error=reason,
            lease_until=None,
            finished_at=now(),
        )
    )
