"""Store and commit: the one way in for received objects.

The file is durable before the row that speaks of it is committed; a kill in between leaves a
file without a row, which a sweep removes later, and never a row without a file. Nothing here
calls the network or the broker: whoever calls rings after the return.
"""

import filecmp
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import UnreadableObjectError
from core.states import FilmState, JobKind, Purpose
from db.demographics import identity_columns, same_identity, update_study
from db.engine import Database
from db.films import lock_study, refresh_study
from db.insert import insert_if_absent
from db.jobs import add_job
from db.models import Instance, Study
from db.priors import ask_for_priors
from db.purposes import raise_purpose
from db.quarantine import A_NOTE, set_aside
from db.received import (
    IntakeKind,
    IntakeOutcome,
    PatientFacts,
    ReadDecision,
    ReceivedObject,
)
from db.rejections import reject_if_named, take_note
from db.signed_reports import take_report
from db.spool import Spool
from db.tiers import urgency_of
from db.whole_copies import is_unusable, never_read, take_over

__all__ = [
    "IntakeKind",
    "IntakeOutcome",
    "PatientFacts",
    "ReadDecision",
    "ReceivedObject",
    "set_aside",
    "take_in",
]

SameContent = Callable[[Path, Path], bool]
HasContent = Callable[[Path, str], bool]
OTHER_STUDY = "another study holds this SOP Instance UID"
OTHER_PATIENT = "patient ID or issuer differs from the study's"
OTHER_CONTENT = "other content under a known SOP Instance UID"


def take_in(
    db: Database,
    spool: Spool,
    received: ReceivedObject,
    decision: ReadDecision,
    same_content: SameContent,
    *,
    has_content: HasContent | None = None,
) -> IntakeOutcome:
    """Make a received object durable and enter it with its draft job, in one transaction.

    The same content again is a success and nothing new, save that what was fetched as a prior or
    for an audit and now comes in to be read is read. Other content under a known SOP Instance
    UID, and a patient ID or issuer that differs within a study, are kept aside; only a film whose
    own pixels turned out to be unusable is replaced by a later copy, and at an administrator's word
    one of which there is no reading. A rejection note and a signed report take effect in the same
    transaction. A film whose pixels retention removed is known by their digest; its file is only
    kept anew where it is to be read now.

    Parameters
    ----------
    db, spool
        Where.
    received
        The object; its temporary file is gone afterwards, whatever happens.
    decision
        Whether it is to be read. A prior is never read, whatever the decision.
    same_content
        Compares the decoded pixels of the kept file and the new one; asked only where the bytes
        differ. Where it cannot tell (UnreadableObjectError), the content counts as other.
    has_content
        Compares the new file with the digest of pixels that were removed; None counts them as
        other.

    Returns
    -------
    IntakeOutcome
        Committed; a success may be answered.

    Raises
    ------
    DatabaseAwayError, StorageFullError
        If nothing was entered; nothing may be acknowledged.
    """
    temporary = received.temporary
    try:
        with db.read() as session:
            known = _known(session, received.sop_instance_uid)
        if known is None:
            outcome = _enter(db, spool, received, decision)
            if outcome is not None:
                return outcome
            # Somebody else entered the same UID since; ours is still under its temporary name.
            with db.read() as session:
                known = _known(session, received.sop_instance_uid)
            if known is None:
                message = f"instance {received.sop_instance_uid} is there and not there"
                raise RuntimeError(message)
        same = _sameness(known, temporary, same_content, has_content)
        return _compare(db, spool, received, known, decision=decision, is_same=same)
    finally:
        temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Known:
    instance_id: int
    path: Path
    study_id: int
    study_uid: str
    purpose: Purpose
    content_sha256: str | None
    """Of pixels that were removed; None where they are there."""


class _OtherPatientError(Exception):
    """Ends the transaction of an object whose patient is not the study's."""


class _AlreadyThereError(Exception):
    """Ends the transaction of an object that somebody else entered first."""


def _known(session: Session, uid: str) -> _Known | None:
    row = session.execute(
        select(
            Instance.id,
            Instance.path,
            Study.id,
            Study.uid,
            Instance.purpose,
            Instance.content_sha256,
        )
        .join(Instance.study)
        .where(Instance.uid == uid)
    ).one_or_none()
    return None if row is None else _Known(row[0], Path(row[1]), *row[2:])


def _enter(
    db: Database, spool: Spool, received: ReceivedObject, decision: ReadDecision
) -> IntakeOutcome | None:
    kept = spool.keep(received.temporary, "received.dcm")
    to_commit = False
    try:
        with db.write() as session:
            instance_id, queued = _insert(session, received, decision, kept)
            to_commit = True
    except _AlreadyThereError:
        kept.rename(received.temporary)
        return None
    except _OtherPatientError:
        kept.rename(received.temporary)
        return _aside(db, spool, received, OTHER_PATIENT)
    except BaseException:
        # After a failed commit nobody knows whether a row speaks of the file.
        if not to_commit:
            kept.unlink(missing_ok=True)
        raise
    return IntakeOutcome(IntakeKind.NEW, instance_id, queued=queued)


def _insert(
    session: Session, received: ReceivedObject, decision: ReadDecision, kept: Path
) -> tuple[int, bool]:
    """Enter an object with all that follows from it; give its row and whether it is queued."""
    insert_if_absent(session, Study, uid=received.study_uid, **identity_columns(received.patient))
    study_id = session.scalars(select(Study.id).where(Study.uid == received.study_uid)).one()
    study = lock_study(session, study_id)
    if not same_identity(study, received.patient):
        raise _OtherPatientError
    instance = _instance(session, study, received, decision, kept)
    reject_if_named(session, study, instance)
    queued = instance.state is FilmState.QUEUED
    if queued:
        add_job(
            session,
            JobKind.DRAFT,
            instance_id=instance.id,
            study_id=study.id,
            urgency=urgency_of(instance, study),
        )
        ask_for_priors(session, study, instance)
    take_note(session, study, received)
    take_report(session, study, instance, received)
    update_study(session, study, received)
    refresh_study(session, study)
    session.flush()
    return instance.id, queued


def _instance(
    session: Session, study: Study, received: ReceivedObject, decision: ReadDecision, kept: Path
) -> Instance:
    state, reason = decision.state, decision.reason
    if received.purpose is Purpose.PRIOR and state is FilmState.QUEUED:
        state, reason = FilmState.RECEIVED, "a prior is never read"
    entered = insert_if_absent(
        session,
        Instance,
        study_id=study.id,
        uid=received.sop_instance_uid,
        sop_class_uid=received.sop_class_uid,
        series_uid=received.series_uid,
        transfer_syntax_uid=received.transfer_syntax_uid,
        modality=received.modality,
        view=received.view,
        path=str(kept),
        state=state,
        reason=reason,
        rule=decision.rule,
        policy_version=decision.policy_version,
        asked_of_pixels=decision.asked_of_pixels,
        corrects_uid=received.corrects_uid,
        derived_from_uid=received.derived_from_uid,
        retrieval_id=received.retrieval_id,
        purpose=received.purpose,
        calling_ae=received.calling_ae,
        called_ae=received.called_ae,
        acquired_at=received.acquired_at,
        indication=received.given.indication,
        technique=received.given.technique,
        comparison=received.given.comparison,
    )
    if not entered:
        raise _AlreadyThereError
    return session.scalars(select(Instance).where(Instance.uid == received.sop_instance_uid)).one()


def _compare(
    db: Database,
    spool: Spool,
    received: ReceivedObject,
    known: _Known,
    *,
    decision: ReadDecision,
    is_same: Callable[[], bool],
) -> IntakeOutcome:
    if known.study_uid != received.study_uid:
        return _aside(db, spool, received, OTHER_STUDY)
    with db.read() as session:
        same = same_identity(session.get_one(Study, known.study_id), received.patient)
    if not same:
        return _aside(db, spool, received, OTHER_PATIENT)
    if not is_same():
        replaced = _replace_unusable(db, spool, received, known, decision)
        return replaced or _aside(db, spool, received, OTHER_CONTENT)
    anew = None
    if received.purpose is Purpose.READ and known.purpose is not Purpose.READ:
        # In case it is to be read and its pixels were removed; the sweep finds it where the
        # commit fails.
        anew = spool.keep(received.temporary, "received.dcm")
    with db.write() as session:
        study = lock_study(session, known.study_id)
        instance = session.get_one(Instance, known.instance_id)
        before = instance.purpose
        queued = raise_purpose(session, study, instance, received, decision)
        if anew is not None and instance.removed_at is not None and instance.purpose is not before:
            instance.path, instance.removed_at, instance.content_sha256 = str(anew), None, None
            anew = None
        if queued:
            ask_for_priors(session, study, instance)
        take_note(session, study, received)
        update_study(session, study, received)
    if anew is not None:
        anew.unlink(missing_ok=True)
    return IntakeOutcome(IntakeKind.SAME, known.instance_id, queued=queued)


def _replace_unusable(
    db: Database, spool: Spool, received: ReceivedObject, known: _Known, decision: ReadDecision
) -> IntakeOutcome | None:
    with db.read() as session:
        if not _gives_way(session, session.get_one(Instance, known.instance_id), received):
            return None
    kept = spool.keep(received.temporary, "received.dcm")
    with db.write() as session:
        study = lock_study(session, known.study_id)
        film = session.get_one(Instance, known.instance_id)
        # Another copy may have come first.
        if _gives_way(session, film, received) and film.path == str(known.path):
            queued = take_over(session, study, film, received, decision=decision, kept=kept)
            return IntakeOutcome(IntakeKind.REPLACED, film.id, queued=queued)
    kept.rename(received.temporary)
    return None


def _gives_way(session: Session, film: Instance, received: ReceivedObject) -> bool:
    return is_unusable(film) or (received.released and never_read(session, film))


def _sameness(
    known: _Known, temporary: Path, same_content: SameContent, has_content: HasContent | None
) -> Callable[[], bool]:
    """Give what tells whether a file's content is the known one's, to be asked when it matters."""
    digest = known.content_sha256
    if digest is None:
        return partial(_content_is_same, known.path, temporary, same_content)
    return partial(has_content or (lambda _path, _digest: False), temporary, digest)


def _content_is_same(kept: Path, temporary: Path, same_content: SameContent) -> bool:
    if filecmp.cmp(kept, temporary, shallow=False):
        return True
    try:
        return same_content(kept, temporary)
    except UnreadableObjectError:
        return False


def _aside(db: Database, spool: Spool, received: ReceivedObject, reason: str) -> IntakeOutcome:
    if received.released:
        # It lies there.
        return IntakeOutcome(IntakeKind.QUARANTINED, reason=reason)
    return set_aside(
        db,
        spool,
        received.temporary,
        reason=A_NOTE + reason if received.rejects else reason,
        sop_instance_uid=received.sop_instance_uid,
        study_uid=received.study_uid,
        calling_ae=received.calling_ae,
        called_ae=received.called_ae,
    )
