"""From finished readings to result objects and their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from core.clock import now
from core.reading import Reading
from core.reading_json import reading_from_json
from core.report import ReportVersion
from core.states import DeliveryState, ResultKind
from db.demographics import patient_of
from db.engine import Database
from db.films import lock_study
from db.frontals import frontals_of
from db.insert import insert_if_absent
from db.jobs import Claim, finish, holds
from db.models import Delivery, Instance, Peer, ReadingRow, ReportVersionRow, ResultObject, Study
from db.obsolete import make_obsolete
from db.peers import HELD_DEMO
from db.predecessors import SentResult, line_of, sent_before
from db.received import PatientFacts
from db.rejections import FILM_REJECTED
from db.retractions import note_taken_back
from db.signed_reports import AFTER_REPORT, signed_since
from db.versions import version_of

SUPERSEDED = "superseded before it left"
"""What becomes of a delivery whose film has a newer result: its words."""


@dataclass(frozen=True, slots=True)
class Publishable:
    """A report version whose result objects are still to be built.

    Parameters
    ----------
    reading
        The reading it began with.
    version
        The version.
    source_path
        File of the film.
    view
        PA, AP or frontal; "" where only the pixels told.
    number, of
        The film's place among the study's frontals that were read, the preferred one 1, and how
        many there are.
    patient
        Whose study it is as last told, which the film itself may not know yet.
    sent
        What peers already have of the same film.
    """

    reading: Reading
    version: ReportVersion
    source_path: Path
    view: str
    number: int
    of: int
    patient: PatientFacts
    sent: tuple[SentResult, ...]


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


def unpublished(session: Session, study_id: int) -> list[Publishable]:
    """List what is to be built for a study: the latest version of each film's current reading.

    The preferred film comes first. Readings in shadow (films that came in as priors or for an
    audit) and those of rejected films are never listed, and nothing is once a signed report of
    the study is known: such drafts are kept for the audit.
    """
    if signed_since(session, study_id) is not None:
        return []
    films = frontals_of(session, study_id)
    places = {film.id: number for number, film in enumerate(films, start=1)}
    by_id = {film.id: film for film in films}
    patient = patient_of(session.get_one(Study, study_id))
    later = aliased(ReportVersionRow)
    rows = session.execute(
        select(ReadingRow, ReportVersionRow)
        .join(ReportVersionRow, ReportVersionRow.reading_id == ReadingRow.id)
        .outerjoin(
            later,
            (later.reading_id == ReportVersionRow.reading_id)
            & (later.number > ReportVersionRow.number),
        )
        .where(
            ReadingRow.study_id == study_id,
            ReadingRow.instance_id.in_(by_id),
            ReadingRow.current,
            ReadingRow.document.is_not(None),
            ReportVersionRow.published_at.is_(None),
            later.id.is_(None),
        )
    ).all()
    return [
        Publishable(
            reading=reading_from_json(reading.document),
            version=version_of(version),
            source_path=Path(by_id[reading.instance_id].path),
            view=by_id[reading.instance_id].view,
            number=places[reading.instance_id],
            of=len(films),
            patient=patient,
            sent=tuple(sent_before(session, line_of(session, by_id[reading.instance_id]))),
        )
        for reading, version in sorted(rows, key=lambda row: places[row[0].instance_id])
        if reading.document is not None
    ]


def store_results(db: Database, claim: Claim, objects: Sequence[BuiltObject]) -> None:
    """Enter built objects with their deliveries, and end the publish job.

    Doing it twice is doing it once: an object's UID stands for its content. What the same film's
    earlier objects still had to deliver becomes obsolete; an object whose film was read again,
    rejected or reported on while it was built never leaves.

    Raises
    ------
    LostLeaseError
        If somebody else has the job by now; nothing was written.
    ValueError
        If the claim is of a job without a study.
    """
    with db.write() as session:
        job = holds(session, claim)
        if job.study_id is None:
            message = f"job {job.id} ({job.kind.value}) has no study"
            raise ValueError(message)
        lock_study(session, job.study_id)
        signed = signed_since(session, job.study_id) is not None
        for item in objects:
            if item.kind is ResultKind.REJECTION:
                _store_rejection(session, item)
            else:
                _store(session, item, signed=signed)
        session.execute(
            update(ReportVersionRow)
            .where(
                ReportVersionRow.id.in_(_published(objects)),
                ReportVersionRow.published_at.is_(None),
            )
            .values(published_at=now())
        )
        finish(session, claim)


def _published(objects: Sequence[BuiltObject]) -> set[str]:
    return {item.version_id for item in objects if item.kind is not ResultKind.REJECTION}


def _store(session: Session, item: BuiltObject, *, signed: bool) -> None:
    reading = session.get_one(ReadingRow, item.reading_id)
    film = session.get_one(Instance, reading.instance_id)
    result = _enter(session, item, reading)
    current = reading.current and _is_latest(session, item)
    for peer_id in item.peer_ids:
        peer = session.get_one(Peer, peer_id)
        demo = reading.demo and not peer.accepts_demo
        state, words = DeliveryState.WAITING, ""
        if film.rejection_code is not None:
            state, words = DeliveryState.OBSOLETE, FILM_REJECTED
        elif not current:
            state, words = DeliveryState.OBSOLETE, SUPERSEDED
        elif signed:
            state, words = DeliveryState.OBSOLETE, AFTER_REPORT
        elif demo or item.held:
            state, words = DeliveryState.HELD, HELD_DEMO if demo else ""
        _deliver(session, result, peer_id, state, words)
    if current:
        make_obsolete(
            session,
            SUPERSEDED,
            ResultObject.instance_id.in_(line_of(session, film)),
            ResultObject.kind == result.kind,
            ResultObject.version_id != result.version_id,
        )


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
    return session.scalars(select(ResultObject).where(ResultObject.uid == item.uid)).one()


def _deliver(
    session: Session, result: ResultObject, peer_id: int, state: DeliveryState, words: str
) -> None:
    insert_if_absent(
        session, Delivery, result_id=result.id, peer_id=peer_id, state=state, words=words
    )


def _is_latest(session: Session, item: BuiltObject) -> bool:
    latest = session.scalars(
        select(ReportVersionRow.id)
        .where(ReportVersionRow.reading_id == item.reading_id)
        .order_by(ReportVersionRow.number.desc())
        .limit(1)
    ).one()
    return latest == item.version_id
