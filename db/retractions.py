"""Results that had left and no longer stand: what is to be taken back, and where they remain.

A department rejects a film, and with it all that was made of it; a radiologist rejects a draft, and
with it all that was made of that reading; an administrator takes back what one peer has of a study.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.reading import Reading
from core.reading_json import reading_from_json
from core.report import ReportVersion
from core.states import STORED_STATES, DeliveryState, ResultKind
from core.triage import Tier
from db.demographics import patient_of
from db.films import lock_study
from db.jobs import ask_publish
from db.models import Delivery, Instance, Peer, ReadingRow, ReportVersionRow, ResultObject, Study
from db.predecessors import may_be_there
from db.recalls import is_recalled, recall_of
from db.received import PatientFacts
from db.rejections import rejected_at
from db.standings import is_authorised
from db.tiers import earned_tier
from db.versions import version_of
from db.withdrawals import UNFIT, rejection_of


class TakeBack(StrEnum):
    """How far the taking back of results at a peer is, the best first."""

    ON_ITS_WAY = "is being taken back"
    NOT_ASKED = "remains"
    REFUSED = "remains: taking it back was refused"


@dataclass(frozen=True, slots=True)
class LeftObject:
    """A result that left, and its kept file; a message has neither class nor series."""

    kind: ResultKind
    sop_class_uid: str
    uid: str
    series_uid: str
    path: Path


@dataclass(frozen=True, slots=True)
class Retraction:
    """Results of one rejected film or draft that some peers have and are told to reject.

    Parameters
    ----------
    source_path
        File of the film.
    code
        Why: the code of the department's note, or of the radiologist's rejection.
    rejected_at
        When that note came, or the draft was rejected.
    reason, author
        What the radiologist said, and who: a DICOM person name. None for the latter where the
        administrator took results back; "" and None where the film was rejected, and with it
        whatever was made of it.
    reading, version
        What the last of the results was made of.
    objects
        The results, oldest first: DICOM objects, or messages.
    patient
        Whose study it is as last told.
    tier
        The highest tier that what a model said of the study's films ever earned.
    peer_ids
        The peers that have them all.
    authorised
        Whether an administrator recorded the site's authorisation of the reading's model.
    """

    source_path: Path
    code: str
    rejected_at: datetime
    reason: str
    author: str | None
    reading: Reading
    version: ReportVersion
    objects: tuple[LeftObject, ...]
    patient: PatientFacts
    tier: Tier
    peer_ids: tuple[int, ...]
    authorised: bool = False

    @property
    def messages(self) -> bool:
        """Whether these are messages and no DICOM objects."""
        return self.objects[0].kind is ResultKind.ORU


def to_take_back(session: Session, study_id: int) -> list[Retraction]:
    """List what no longer stands of a study at peers that can be told so.

    Those are peers that take rejection notes, and every one that gets messages.
    """
    rows = session.execute(
        select(Delivery.peer_id, ResultObject, Instance.rejection_code)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .join(Instance, Instance.id == ResultObject.instance_id)
        .where(
            ResultObject.study_id == study_id,
            *_stands(),
            *_can_be_told(),
        )
        .order_by(ResultObject.id)
    )
    held: dict[tuple[int, str, int], list[ResultObject]] = defaultdict(list)
    for peer_id, result, film_code in rows:
        # One note on all of a rejected film, or on all of each rejected reading.
        reading_id = "" if film_code is not None else result.reading_id
        held[result.instance_id, reading_id, peer_id].append(result)
    shared: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    results: dict[str, ResultObject] = {}
    for (_, _, peer_id), objects in held.items():
        # Peers that are told the same share a note; an administrator may tell each another reason.
        version = session.get_one(ReportVersionRow, objects[-1].version_id)
        word = recall_of(session, version, peer_id)
        why = None if word is None else word.reason
        shared[why, *(item.uid for item in objects)].append(peer_id)
        results.update((item.uid, item) for item in objects)
    return [
        _retraction(session, [results[uid] for uid in uids if uid], peer_ids)
        for (_, *uids), peer_ids in shared.items()
    ]


def ask_what_remains(session: Session, peer_ids: Sequence[int]) -> None:
    """Let what no longer stands at some peers be asked back, where they can be told so by now.

    Parameters
    ----------
    session
        A writing session that holds the peers and no study: the studies concerned are locked in
        the order of their numbers.
    peer_ids
        The peers, whose entries were changed.
    """
    for study_id in session.scalars(
        select(ResultObject.study_id)
        .distinct()
        .select_from(Delivery)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .where(Delivery.peer_id.in_(peer_ids), *_stands(), *_can_be_told())
        .order_by(ResultObject.study_id)
    ).all():
        lock_study(session, study_id)
        ask_publish(session, study_id)


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
    """Name, for each study, the peers where results of a rejected film or draft remain.

    They remain until the peer has the note, or the message, that takes them back.
    """
    return {study_id: tuple(states) for study_id, states in take_backs(session, study_ids).items()}


def take_backs(session: Session, study_ids: Sequence[int]) -> dict[int, dict[str, TakeBack]]:
    """Give, for each study and peer where such results remain, how far their taking back is.

    Of several results the one that is farthest from it counts.
    """
    note = aliased(ResultObject)
    sent = aliased(Delivery)
    found: dict[int, dict[str, TakeBack]] = defaultdict(dict)
    for study_id, name, asked, state in session.execute(
        select(ResultObject.study_id, Peer.name, Delivery.rejection_uid, sent.state)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .outerjoin(note, note.uid == Delivery.rejection_uid)
        .outerjoin(sent, and_(sent.result_id == note.id, sent.peer_id == Delivery.peer_id))
        .where(ResultObject.study_id.in_(study_ids), *_remains())
        .order_by(Peer.name)
    ):
        if asked is None:
            how = TakeBack.NOT_ASKED
        elif state is DeliveryState.FAILED:
            how = TakeBack.REFUSED
        else:
            how = TakeBack.ON_ITS_WAY
        known = found[study_id].setdefault(name, how)
        found[study_id][name] = max(known, how, key=list(TakeBack).index)
    return dict(found)


def remaining(session: Session) -> dict[str, int]:
    """Give the number of studies of which results that no longer stand remain, by peer."""
    rows = session.execute(
        select(Peer.name, func.count(ResultObject.study_id.distinct()))
        .select_from(Delivery)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .where(*_remains())
        .group_by(Peer.name)
        .order_by(Peer.name)
    )
    return dict(rows.all())


def _can_be_told() -> tuple[ColumnElement[bool], ...]:
    """Give the conditions on a peer that takes what takes results back."""
    return (
        or_(Peer.takes_rejections, Peer.protocol == "hl7"),
        Peer.takes_results.is_(True),
        Peer.enabled.is_(True),
    )


def _stands() -> tuple[ColumnElement[bool], ...]:
    """Give the conditions on a result that is there, ought not to be, and is not yet asked back."""
    return (*_left(), Delivery.rejection_uid.is_(None))


def _remains() -> tuple[ColumnElement[bool], ...]:
    """Give the conditions on a result that is there, ought not to be, and is not yet taken back."""
    note, sent, later = aliased(ResultObject), aliased(Delivery), aliased(ResultObject)
    taken = (
        select(sent.id)
        .join(note, note.id == sent.result_id)
        .where(
            note.uid == Delivery.rejection_uid,
            sent.peer_id == Delivery.peer_id,
            sent.state.in_(STORED_STATES),
        )
        .correlate(Delivery)
        .exists()
    )
    # A later message on the film deletes what this one said.
    followed = (
        select(sent.id)
        .join(later, later.id == sent.result_id)
        .where(
            ResultObject.kind == ResultKind.ORU,
            later.kind == ResultKind.ORU,
            later.instance_id == ResultObject.instance_id,
            later.id > ResultObject.id,
            sent.peer_id == Delivery.peer_id,
            sent.state.in_(STORED_STATES),
        )
        .correlate(Delivery, ResultObject)
        .exists()
    )
    return (*_left(), not_(or_(taken, followed)))


def _left() -> tuple[ColumnElement[bool], ...]:
    films = select(Instance.id).where(Instance.rejection_code.is_not(None))
    readings = select(ReadingRow.id).where(ReadingRow.withdrawn_code.is_not(None))
    return (
        ResultObject.kind != ResultKind.REJECTION,
        or_(
            ResultObject.instance_id.in_(films),
            ResultObject.reading_id.in_(readings),
            is_recalled(),
        ),
        or_(ResultObject.series_uid != "", ResultObject.kind == ResultKind.ORU),
        may_be_there(),
    )


def _retraction(
    session: Session, objects: Sequence[ResultObject], peer_ids: Sequence[int]
) -> Retraction:
    last = objects[-1]
    study = session.get_one(Study, last.study_id)
    film = session.get_one(Instance, last.instance_id)
    reading = session.get_one(ReadingRow, last.reading_id)
    version = session.get_one(ReportVersionRow, last.version_id)
    assert reading.document is not None  # noqa: S101 - for the type checker: it made something
    if film.rejection_code is not None:
        code, at, reason, author = film.rejection_code, rejected_at(session, film), "", None
    elif (word := recall_of(session, version, peer_ids[0])) is not None:
        code, at, reason, author = UNFIT, word.at, word.reason, None
    else:
        review = rejection_of(session, reading.id)
        assert reading.withdrawn_code is not None  # noqa: S101 - as above: it was asked for
        code, at, reason, author = reading.withdrawn_code, review.at, review.reason, review.author
    return Retraction(
        source_path=Path(film.path),
        code=code,
        rejected_at=at,
        reason=reason,
        author=author,
        reading=reading_from_json(reading.document),
        version=version_of(version),
        objects=tuple(
            LeftObject(item.kind, item.sop_class_uid, item.uid, item.series_uid, Path(item.path))
            for item in objects
        ),
        patient=patient_of(study),
        tier=earned_tier(session, study),
        peer_ids=tuple(sorted(peer_ids)),
        authorised=is_authorised(session, reading.model_uid),
    )
