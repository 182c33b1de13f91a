"""Which earlier results of the same film a peer already has.

The same film: another reading of it, or the film that it is the corrected version of. A film is a
corrected version where it says that it replaces the earlier one, or where it was made from it and
a rejection note names that one. Whatever else was made from a film (bone suppression, an edge
enhanced companion) is a film beside it and replaces nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core.report import ReportKind
from core.states import STORED_STATES, DeliveryState, ResultKind
from db.models import Delivery, Instance, Peer, ReportVersionRow, ResultObject

DOCUMENTS = (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR)
"""Kinds of results that name what they follow."""
_LONGEST_LINE = 16
"""Corrections of corrections that are followed; headers are untrusted."""


@dataclass(frozen=True, slots=True)
class SentResult:
    """A result object that a peer has, or may have.

    Parameters
    ----------
    peer_id
        The peer.
    kind, uid, sop_class_uid, series_uid
        The object.
    of
        What it was made of: a draft, or what a person accepted or wrote.
    """

    peer_id: int
    kind: ResultKind
    uid: str
    sop_class_uid: str
    series_uid: str
    of: ReportKind


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that a peer has, or may have, and its kept file."""

    peer_id: int
    path: Path


def may_be_there() -> ColumnElement[bool]:
    """Give the condition on a delivery that its peer may have the object.

    It answered success once, whatever was done since; or the object is under way; or there was no
    answer, and nobody knows.
    """
    no_answer = and_(Delivery.attempts > 0, Delivery.status.is_(None))
    return or_(
        Delivery.state.in_(STORED_STATES),
        Delivery.sent_at.is_not(None),
        and_(
            Delivery.state.in_(
                (DeliveryState.WAITING, DeliveryState.OBSOLETE, DeliveryState.REHEARSED)
            ),
            or_(Delivery.begun_at.is_not(None), no_answer),
        ),
    )


def line_of(session: Session, film: Instance) -> list[int]:
    """Give a film's row and those of the films that it corrects, the newest first."""
    line = [film.id]
    current: Instance | None = film
    while current is not None and len(line) < _LONGEST_LINE:
        current = _corrected(session, current, line)
        if current is not None:
            line.append(current.id)
    return line


def sent_before(session: Session, line: Sequence[int]) -> list[SentResult]:
    """List the last object of each kind of document that each peer has of a line of films.

    Presentation states are left out: they have no place for a predecessor (PS3.3 A.33.1).
    """
    rows = session.execute(
        select(Delivery.peer_id, ResultObject, ReportVersionRow.kind)
        .join(Delivery.result)
        .join(ReportVersionRow, ReportVersionRow.id == ResultObject.version_id)
        .where(
            ResultObject.instance_id.in_(line),
            ResultObject.kind.in_(DOCUMENTS),
            ResultObject.series_uid != "",
            may_be_there(),
        )
        .order_by(ResultObject.id.desc())
    ).all()
    place = {instance_id: number for number, instance_id in enumerate(line)}
    found: dict[tuple[int, ResultKind], SentResult] = {}
    for peer_id, result, of in sorted(rows, key=lambda row: place[row[1].instance_id]):
        found.setdefault(
            (peer_id, result.kind),
            SentResult(
                peer_id,
                result.kind,
                result.uid,
                result.sop_class_uid,
                result.series_uid,
                of,
            ),
        )
    return list(found.values())


def messages_before(session: Session, line: Sequence[int]) -> list[SentMessage]:
    """List the messages that each peer has, or may have, of a line of films, oldest first.

    What took earlier ones back is among them, and what is under way at this moment: a later message
    that passed it over would leave what it said standing.
    """
    rows = session.execute(
        select(Delivery.peer_id, ResultObject.path)
        .join(Delivery.result)
        .join(Peer, Peer.id == Delivery.peer_id)
        .where(
            ResultObject.instance_id.in_(line),
            Peer.protocol == "hl7",
            may_be_there(),
        )
        .order_by(ResultObject.id)
    ).all()
    return [SentMessage(peer_id, Path(path)) for peer_id, path in rows]


def _corrected(session: Session, film: Instance, known: Sequence[int]) -> Instance | None:
    named = [uid for uid in (film.corrects_uid, film.derived_from_uid) if uid]
    if not named:
        return None
    return session.scalars(
        select(Instance)
        .where(
            Instance.study_id == film.study_id,
            Instance.id.not_in(known),
            or_(
                Instance.uid == film.corrects_uid,
                and_(Instance.uid == film.derived_from_uid, Instance.rejection_code.is_not(None)),
            ),
        )
        .order_by(Instance.id.desc())
        .limit(1)
    ).one_or_none()
