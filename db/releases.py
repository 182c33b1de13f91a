"""What an administrator decides about objects that were kept aside: taken in after all, or not.

An object is taken in by the gateway, by the same way as any other and with the rights that its
sender has by then, so that nothing comes in that could not be sent anew: what holds it back may
have gone since. One thing is overridden: where another picture stands under its UID, and no
reading was ever made of that, the released one takes its place (`db.whole_copies`). Another
patient's object in a study stays out, whoever says otherwise.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import WrongArgumentError
from core.person_name import has_control_characters
from core.states import JobKind, JobState, QuarantineDecision
from db.audit import record
from db.engine import Database
from db.errands import LastErrand, Told, ask_errand, end_errand, last_errands
from db.jobs import Claim
from db.models import AuditAction, Job, Quarantine

LONGEST_REASON: Final = 500
"""Characters of the reason for which an object is discarded."""
_AT_ONCE: Final = 20
"""Decided objects whose files are removed in one transaction."""


def ask_release(session: Session, quarantine_id: int, *, actor: str) -> int:
    """Have an object taken in after all, and give the job's number.

    Raises
    ------
    WrongArgumentError
        If there is no such object, its file is gone, it was decided on, or it is being taken in.
    """
    row = _undecided(session, quarantine_id)
    number = ask_errand(session, JobKind.RELEASE, actor=actor, quarantine_id=row.id)
    record(
        session,
        AuditAction.RELEASE_ASKED,
        actor=actor,
        sop_instance_uid=row.sop_instance_uid,
        study_uid=row.study_uid,
        reason=row.reason,
    )
    return number


def discard(session: Session, quarantine_id: int, *, why: str, actor: str) -> None:
    """Decide that an object is of no use; its file is removed, its row stays.

    Raises
    ------
    WrongArgumentError
        If there is no such object, its file is gone, it was decided on, it is being taken in, or
        the reason is empty, too long or of several lines.
    """
    words = why.strip()
    if not words or len(words) > LONGEST_REASON or has_control_characters(words):
        message = f"discarding needs a reason of one line, {LONGEST_REASON} characters at most"
        raise WrongArgumentError(message)
    row = _undecided(session, quarantine_id)
    under_way = select(Job.id).where(
        Job.kind == JobKind.RELEASE,
        Job.quarantine_id == row.id,
        Job.state.in_((JobState.WAITING, JobState.CLAIMED)),
    )
    if session.execute(under_way).first() is not None:
        message = f"object {row.id} is being taken in"
        raise WrongArgumentError(message)
    _decide(row, QuarantineDecision.DISCARDED, actor)
    record(
        session,
        AuditAction.OBJECT_DISCARDED,
        actor=actor,
        sop_instance_uid=row.sop_instance_uid,
        study_uid=row.study_uid,
        sha256=row.sha256,
        reason=row.reason,
        why=words,
    )


def to_release(session: Session, claim: Claim) -> Quarantine:
    """Give the object that a claimed job is to take in.

    Raises
    ------
    WrongArgumentError
        If its file is gone, or somebody decided on it meanwhile.
    """
    job = session.get_one(Job, claim.job_id)
    row = session.get_one(Quarantine, job.quarantine_id)
    _check(row)
    return row


def end_release(session: Session, claim: Claim, told: Told) -> None:
    """Note what came of taking an object in; one that was taken in is decided on.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now.
    """
    job = end_errand(session, claim, told)
    if told.error is not None:
        return
    row = session.get_one(Quarantine, job.quarantine_id)
    _decide(row, QuarantineDecision.RELEASED, job.actor)
    record(
        session,
        AuditAction.OBJECT_RELEASED,
        actor=job.actor,
        sop_instance_uid=row.sop_instance_uid,
        study_uid=row.study_uid,
        reason=row.reason,
        outcome=told.outcome,
    )


def last_releases(session: Session) -> dict[int, LastErrand]:
    """Give what came of the last try to take an object in, by its row."""
    return last_errands(session, JobKind.RELEASE, Job.quarantine_id)


def remove_decided(db: Database) -> int:
    """Remove the files of some objects that were decided on; give how many.

    A kill in between leaves a file that no row speaks of, which a sweep removes.
    """
    due = (
        select(Quarantine)
        .where(Quarantine.decision.is_not(None), Quarantine.removed_at.is_(None))
        .order_by(Quarantine.id)
        .limit(_AT_ONCE)
    )
    with db.read() as session:
        if session.scalars(due).first() is None:
            return 0
    with db.write() as session:
        rows = session.scalars(due.with_for_update(skip_locked=True)).all()
        for row in rows:
            row.removed_at = now()
        paths = [Path(row.path) for row in rows]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def _undecided(session: Session, quarantine_id: int) -> Quarantine:
    row = session.scalars(
        select(Quarantine).where(Quarantine.id == quarantine_id).with_for_update()
    ).one_or_none()
    if row is None:
        message = f"there is no object {quarantine_id} in quarantine"
        raise WrongArgumentError(message)
    _check(row)
    return row


def _check(row: Quarantine) -> None:
    if row.decision is not None:
        message = f"object {row.id} was {row.decision.value} by {row.decided_by}"
        raise WrongArgumentError(message)
    if row.removed_at is not None:
        message = f"the file of object {row.id} was removed on {row.removed_at:%Y-%m-%d}"
        raise WrongArgumentError(message)


def _decide(row: Quarantine, decision: QuarantineDecision, actor: str) -> None:
    row.decision, row.decided_by, row.decided_at = decision, actor, now()
