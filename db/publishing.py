"""From finished readings to result objects and their deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import StaleResultsError
from core.report import ReportKind, ReportVersion
from core.states import REVIEWED_KINDS, DeliveryState, ResultKind
from db.engine import Database
from db.films import lock_study
from db.insert import insert_if_absent
from db.jobs import Claim, fail, finish, holds, push_back_publish
from db.models import Delivery, Instance, Peer, ReadingRow, ReportVersionRow, ResultObject
from db.obsolete import SUPERSEDED, make_obsolete
from db.overtaken import has_another_variant, was_corrected
from db.peers import HELD_DEMO
from db.predecessors import line_of, messages_before, sent_before
from db.publishable import Publishable
from db.recalls import RECALLED, recall_of
from db.rejections import FILM_REJECTED
from db.retractions import note_taken_back
from db.signed_reports import AFTER_REPORT, signed_since
from db.withdrawals import DRAFT_REJECTED


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """A result object whose bytes are kept, and whom it is for.

    Parameters
    ----------
    uid, kind, variant_key, sop_class_uid, series_uid
        What it is.
    path, sha256
        Its kept file, and the hash of its bytes in hexadecimal.
    reading_id, version_id
        What it was made of.
    peer_ids
        The peers it goes to.
    held
        Whether all its deliveries are held back. A demo reading's are held at each peer that
        does not accept them, whatever stands here.
    predecessor_uid
        The earlier object that it says it replaces.
    rejects
        UIDs of the results that it takes back at these peers, where it is a rejection note.
    """

    uid: str
    kind: ResultKind
    variant_key: str
    path: Path
    sha256: str
    sop_class_uid: str
    series_uid: str
    reading_id: str
    version_id: str
    peer_ids: tuple[int, ...] = ()
    held: bool = False
    predecessor_uid: str | None = None
    rejects: tuple[str, ...] = ()


def store_results(
    db: Database,
    claim: Claim,
    objects: Sequence[BuiltObject],
    *,
    of: Sequence[Publishable] = (),
    failures: Sequence[str] = (),
    again: bool = False,
) -> None:
    """Enter built objects with their deliveries, and end the publish job.

    Doing it twice is doing it once: an object's UID stands for its content. What the same film's
    earlier objects still had to deliver becomes obsolete; an object whose film was read again,
    rejected, reviewed or reported on while it was built never leaves, nor does the draft of a film
    whose corrected version was read.

    Parameters
    ----------
    db, claim
        Where, and the publish job.
    objects
        What was built.
    of
        The versions that are done with this, also where nobody wanted an object of them.
    failures
        What of them could not be built, in words: then the job ends as failed with these.
    again
        Whether the study is queued once more, since other versions are left.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now; nothing was written.
    StaleResultsError
        If a peer got something of a film while its successor was built, which has to name it.
    ValueError
        If the claim is of a job without a study.
    """
    with db.write() as session:
        job = holds(session, claim)
        if job.study_id is None:
            message = f"job {job.id} ({job.kind.value}) has no study"
            raise ValueError(message)
        lock_study(session, job.study_id)
        for item in of:
            _check_sent(session, item)
            _pass_over(session, item.version)
        signed = signed_since(session, job.study_id) is not None
        for built in objects:
            if built.kind is ResultKind.REJECTION:
                _store_rejection(session, built)
            else:
                _store(session, built, signed=signed)
        _note_published(
            session,
            {built.version_id for built in objects if built.kind is not ResultKind.REJECTION}
            | {item.version.id for item in of},
        )
        if again:
            # Not earlier than this: another builder would do the same work at the same time.
            push_back_publish(session, job.study_id, now())
        if failures:
            fail(session, claim, "; ".join(failures))
        else:
            finish(session, claim)


def _check_sent(session: Session, item: Publishable) -> None:
    reading = session.get_one(ReadingRow, item.reading.id)
    film = session.get_one(Instance, reading.instance_id)
    line = line_of(session, film)
    if {*sent_before(session, line), *messages_before(session, line)} != {
        *item.sent,
        *item.messages,
    }:
        message = f"what peers have of film {film.id} changed while its results were built"
        raise StaleResultsError(message)


def _pass_over(session: Session, version: ReportVersion) -> None:
    """Note that nothing is to be built any more of edits that a later version followed."""
    session.execute(
        update(ReportVersionRow)
        .where(
            ReportVersionRow.reading_id == version.reading_id,
            ReportVersionRow.number < version.number,
            ReportVersionRow.kind != ReportKind.DRAFT,
            ReportVersionRow.published_at.is_(None),
        )
        .values(published_at=now())
    )


def _note_published(session: Session, version_ids: Collection[str]) -> None:
    session.execute(
        update(ReportVersionRow)
        .where(ReportVersionRow.id.in_(version_ids), ReportVersionRow.published_at.is_(None))
        .values(published_at=now())
    )


def _store(session: Session, item: BuiltObject, *, signed: bool) -> None:
    reading = session.get_one(ReadingRow, item.reading_id)
    film = session.get_one(Instance, reading.instance_id)
    version = session.get_one(ReportVersionRow, item.version_id)
    result = _enter(session, item, reading)
    # What a person accepted or wrote of a film leaves though the film was corrected since.
    corrected = version.kind is ReportKind.DRAFT and was_corrected(session, film)
    latest = item.kind not in REVIEWED_KINDS or _is_latest(session, version)
    current = reading.current and latest and not corrected
    if film.rejection_code is not None:
        stopped = FILM_REJECTED
    elif reading.withdrawn_code is not None:
        stopped = DRAFT_REJECTED
    elif not current:
        stopped = SUPERSEDED
    elif signed and not version.final:
        stopped = AFTER_REPORT
    else:
        stopped = ""
    for peer_id in item.peer_ids:
        if has_another_variant(session, result, peer_id):
            continue
        peer = session.get_one(Peer, peer_id)
        demo = reading.demo and not peer.accepts_demo
        recalled = RECALLED if recall_of(session, version, peer_id) else ""
        state, words = DeliveryState.WAITING, ""
        if stopped or recalled:
            state, words = DeliveryState.OBSOLETE, stopped or recalled
        elif demo or item.held:
            state, words = DeliveryState.HELD, HELD_DEMO if demo else ""
        _deliver(session, result, peer_id, state, words)
    if current:
        _supersede(session, result, version, line_of(session, film))


def _supersede(
    session: Session, result: ResultObject, version: ReportVersionRow, line: Collection[int]
) -> None:
    """Make obsolete what a result takes the place of: its kind, and other readings' drafts.

    A draft takes no place of what a person accepted or wrote.
    """
    replaced = or_(
        ResultObject.reading_id != result.reading_id,
        and_(ResultObject.kind == result.kind, ResultObject.version_id != result.version_id),
    )
    conditions = [ResultObject.instance_id.in_(line), replaced]
    if version.kind is ReportKind.DRAFT:
        drafts = select(ReportVersionRow.id).where(ReportVersionRow.kind == ReportKind.DRAFT)
        conditions.append(ResultObject.version_id.in_(drafts))
    make_obsolete(session, SUPERSEDED, *conditions)


def _store_rejection(session: Session, item: BuiltObject) -> None:
    """Enter a rejection note: whatever holds drafts back, what takes them back always leaves."""
    result = _enter(session, item, session.get_one(ReadingRow, item.reading_id))
    for peer_id in item.peer_ids:
        _deliver(session, result, peer_id, DeliveryState.WAITING, "")
    note_taken_back(session, item.uid, item.rejects, item.peer_ids)


def _enter(session: Session, item: BuiltObject, reading: ReadingRow) -> ResultObject:
    insert_if_absent(
        session,
        ResultObject,
        uid=item.uid,
        kind=item.kind,
        variant_key=item.variant_key,
        sop_class_uid=item.sop_class_uid,
        series_uid=item.series_uid,
        path=str(item.path),
        sha256=item.sha256,
        study_id=reading.study_id,
        instance_id=reading.instance_id,
        reading_id=reading.id,
        version_id=item.version_id,
        predecessor_uid=item.predecessor_uid,
    )
    result = session.scalars(select(ResultObject).where(ResultObject.uid == item.uid)).one()
    if result.removed_at is not None:
        # It was built anew since its file was removed.
        result.path, result.sha256, result.removed_at = str(item.path), item.sha256, None
    return result


def _deliver(
    session: Session, result: ResultObject, peer_id: int, state: DeliveryState, words: str
) -> None:
    entered = insert_if_absent(
        session, Delivery, result_id=result.id, peer_id=peer_id, state=state, words=words
    )
    if not entered and state is not DeliveryState.OBSOLETE:
        # It was to be built anew, and came out as it was: what never left may leave after all, and
        # what a report stopped that was rejected since also where nobody knows whether it arrived.
        never_left = and_(Delivery.attempts == 0, Delivery.begun_at.is_(None))
        session.execute(
            update(Delivery)
            .where(
                Delivery.result_id == result.id,
                Delivery.peer_id == peer_id,
                Delivery.state == DeliveryState.OBSOLETE,
                Delivery.sent_at.is_(None),
                or_(
                    Delivery.words == AFTER_REPORT,
                    and_(Delivery.words == SUPERSEDED, never_left),
                ),
            )
            .values(state=state, words=words, changed_at=now())
        )


def _is_latest(session: Session, version: ReportVersionRow) -> bool:
    later = select(ReportVersionRow.id).where(
        ReportVersionRow.reading_id == version.reading_id,
        ReportVersionRow.number > version.number,
    )
    return session.scalars(later).first() is None
