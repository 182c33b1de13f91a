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
from core.states import DeliveryState, Purpose, ResultKind
from db.engine import Database
from db.films import lock_study
from db.insert import insert_if_absent
from db.jobs import Claim, finish, holds
from db.models import Delivery, Instance, Peer, ReadingRow, ReportVersionRow, ResultObject
from db.peers import HELD_DEMO
from db.versions import version_of


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
    """

    reading: Reading
    version: ReportVersion
    source_path: Path


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """A result object whose bytes are kept, and whom it is for.

    Parameters
    ----------
    uid, kind, variant_key, sop_class_uid
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
    """

    uid: str
    kind: ResultKind
    variant_key: str
    path: Path
    sha256: str
    sop_class_uid: str
    reading_id: str
    version_id: str
    peer_ids: tuple[int, ...] = ()
    held: bool = False


def unpublished(session: Session, study_id: int) -> list[Publishable]:
    """List what is to be built for a study: the latest version of each film's current reading.

    Readings in shadow (films that came in as priors or for an audit) are never listed.
    """
    later = aliased(ReportVersionRow)
    rows = session.execute(
        select(ReadingRow, ReportVersionRow, Instance.path)
        .join(ReportVersionRow, ReportVersionRow.reading_id == ReadingRow.id)
        .join(Instance, Instance.id == ReadingRow.instance_id)
        .outerjoin(
            later,
            (later.reading_id == ReportVersionRow.reading_id)
            & (later.number > ReportVersionRow.number),
        )
        .where(
            ReadingRow.study_id == study_id,
            ReadingRow.current,
            ReadingRow.document.is_not(None),
            Instance.purpose == Purpose.READ,
            ReportVersionRow.published_at.is_(None),
            later.id.is_(None),
        )
        .order_by(ReportVersionRow.created_at, ReportVersionRow.id)
    )
    return [
        Publishable(reading_from_json(reading.document), version_of(version), Path(path))
        for reading, version, path in rows
        if reading.document is not None
    ]


def store_results(db: Database, claim: Claim, objects: Sequence[BuiltObject]) -> None:
    """Enter built objects with their deliveries, and end the publish job.

    Doing it twice is doing it once: an object's UID stands for its content. What the same film's
    earlier objects still had to deliver becomes obsolete; an object that was itself superseded
    while it was built never leaves.

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
        for item in objects:
            _store(session, item)
        session.execute(
            update(ReportVersionRow)
            .where(
                ReportVersionRow.id.in_({item.version_id for item in objects}),
                ReportVersionRow.published_at.is_(None),
            )
            .values(published_at=now())
        )
        finish(session, claim)


def _store(session: Session, item: BuiltObject) -> None:
    reading = session.get_one(ReadingRow, item.reading_id)
    insert_if_absent(
        session,
        ResultObject,
        uid=item.uid,
        kind=item.kind,
        variant_key=item.variant_key,
        sop_class_uid=item.sop_class_uid,
        path=str(item.path),
        sha256=item.sha256,
        study_id=reading.study_id,
        instance_id=reading.instance_id,
        reading_id=reading.id,
        version_id=item.version_id,
    )
    result = session.scalars(select(ResultObject).where(ResultObject.uid == item.uid)).one()
    current = reading.current and _is_latest(session, item)
    for peer_id in item.peer_ids:
        peer = session.get_one(Peer, peer_id)
        held = item.held or (reading.demo and not peer.accepts_demo)
        insert_if_absent(
            session,
            Delivery,
            result_id=result.id,
            peer_id=peer_id,
            state=_first_state(current=current, held=held),
            words=HELD_DEMO if held and reading.demo else "",
        )
    if current:
        _make_earlier_obsolete(session, result)


def _first_state(*, current: bool, held: bool) -> DeliveryState:
    if not current:
        return DeliveryState.OBSOLETE
    return DeliveryState.HELD if held else DeliveryState.WAITING


def _is_latest(session: Session, item: BuiltObject) -> bool:
    latest = session.scalars(
        select(ReportVersionRow.id)
        .where(ReportVersionRow.reading_id == item.reading_id)
        .order_by(ReportVersionRow.number.desc())
        .limit(1)
    ).one()
    return latest == item.version_id


def _make_earlier_obsolete(session: Session, result: ResultObject) -> None:
    earlier = select(ResultObject.id).where(
        ResultObject.instance_id == result.instance_id,
        ResultObject.kind == result.kind,
        ResultObject.version_id != result.version_id,
    )
    session.execute(
        update(Delivery)
        .where(
            Delivery.result_id.in_(earlier),
            Delivery.state.in_((DeliveryState.WAITING, DeliveryState.HELD)),
        )
        .values(state=DeliveryState.OBSOLETE, words="superseded before it left", changed_at=now())
    )
