"""Results of rejected films that had left: what is to be taken back, and where they remain."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from core.reading import Reading
from core.reading_json import reading_from_json
from core.report import ReportVersion
from core.states import ResultKind
from db.demographics import patient_of
from db.models import Delivery, Instance, Peer, ReadingRow, ReportVersionRow, ResultObject, Study
from db.predecessors import may_be_there
from db.received import PatientFacts
from db.rejections import rejected_at
from db.versions import version_of


@dataclass(frozen=True, slots=True)
class Retraction:
    """Results of one rejected film that some peers have and are told to reject.

    Parameters
    ----------
    source_path
        File of the film.
    code
        Why it was rejected: the code of the department's note.
    rejected_at
        When that note came.
    reading, version
        What the last of the results was made of.
    objects
        SOP class, instance and series UID of each result, oldest first.
    patient
        Whose study it is as last told.
    peer_ids
        The peers that have them all.
    """

    source_path: Path
    code: str
    rejected_at: datetime
    reading: Reading
    version: ReportVersion
    objects: tuple[tuple[str, str, str], ...]
    patient: PatientFacts
    peer_ids: tuple[int, ...]


def to_take_back(session: Session, study_id: int) -> list[Retraction]:
    """List what peers that take rejection notes have of a study's rejected films."""
    rows = session.execute(
        select(Delivery.peer_id, ResultObject)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .where(
            ResultObject.study_id == study_id,
            *_remains(),
            Peer.takes_rejections,
            Peer.takes_results,
            Peer.enabled,
        )
        .order_by(ResultObject.id)
    )
    held: dict[tuple[int, int], list[ResultObject]] = defaultdict(list)
    for peer_id, result in rows:
        held[result.instance_id, peer_id].append(result)
    shared: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    results: dict[int, ResultObject] = {}
    for (instance_id, peer_id), objects in held.items():
        shared[instance_id, tuple(item.id for item in objects)].append(peer_id)
        results.update((item.id, item) for item in objects)
    return [
        _retraction(session, instance_id, [results[number] for number in numbers], peer_ids)
        for (instance_id, numbers), peer_ids in shared.items()
    ]


def note_taken_back(
    session: Session, note_uid: str, result_uids: Sequence[str], peer_ids: Sequence[int]
) -> None:
    """Note by which rejection note of ours results are taken back at some peers."""
    taken = select(ResultObject.id).where(ResultObject.uid.in_(result_uids))
    session.execute(
        update(Delivery)
        .where(Delivery.result_id.in_(taken), Delivery.peer_id.in_(peer_ids))
        .values(rejection_uid=note_uid)
    )


def left_behind(session: Session, study_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Name, for each study, the peers where results of a rejected film remain."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for study_id, name in session.execute(
        select(ResultObject.study_id, Peer.name)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .where(ResultObject.study_id.in_(study_ids), *_remains())
        .order_by(Peer.name)
    ):
        found[study_id][name] = None
    return {study_id: tuple(names) for study_id, names in found.items()}


def _remains() -> tuple[ColumnElement[bool], ...]:
    rejected = select(Instance.id).where(Instance.rejection_code.is_not(None))
    return (
        ResultObject.kind != ResultKind.REJECTION,
        ResultObject.instance_id.in_(rejected),
        ResultObject.series_uid != "",
        Delivery.rejection_uid.is_(None),
        may_be_there(),
    )


def _retraction(
    session: Session, instance_id: int, objects: Sequence[ResultObject], peer_ids: Sequence[int]
) -> Retraction:
    film = session.get_one(Instance, instance_id)
    reading = session.get_one(ReadingRow, objects[-1].reading_id)
    version = session.get_one(ReportVersionRow, objects[-1].version_id)
    assert film.rejection_code is not None  # noqa: S101 - for the type checker: it was asked for
    assert reading.document is not None  # noqa: S101 - as above: something was made of it
    return Retraction(
        source_path=Path(film.path),
        code=film.rejection_code,
        rejected_at=rejected_at(session, film),
        reading=reading_from_json(reading.document),
        version=version_of(version),
        objects=tuple((item.sop_class_uid, item.uid, item.series_uid) for item in objects),
        patient=patient_of(session.get_one(Study, film.study_id)),
        peer_ids=tuple(sorted(peer_ids)),
    )
