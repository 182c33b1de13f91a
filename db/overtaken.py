"""Whether a result that was made once is still to go anywhere.

What was overtaken does not: a rejected film's or draft's results, those of an earlier reading or
version, what a later message follows, and what is preliminary beside a signed report.
"""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from core.states import REVIEWED_KINDS, DeliveryState, ResultKind
from db.models import Delivery, Instance, Peer, ReadingRow, ReportVersionRow, ResultObject
from db.predecessors import line_of, may_be_there
from db.recalls import recall_of
from db.signed_reports import signed_since


def overtaken(session: Session, result: ResultObject, peer: Peer) -> bool:
    """Tell whether a result is not to be sent to a peer any more, though it was once made for it.

    Parameters
    ----------
    session
        A session that holds the study.
    result
        The result.
    peer
        Whose it was to be.
    """
    message = not result.sop_class_uid
    if message and _later_message(session, result, peer):
        return True
    if result.kind is ResultKind.REJECTION:
        return False
    reading = session.get_one(ReadingRow, result.reading_id)
    film = session.get_one(Instance, result.instance_id)
    version = session.get_one(ReportVersionRow, result.version_id)
    return (
        not reading.current
        or film.rejection_code is not None
        or (reading.demo and not peer.accepts_demo)
        or recall_of(session, version, peer.id) is not None
        or has_another_variant(session, result, peer.id)
        or (not version.final and signed_since(session, result.study_id) is not None)
        or (result.kind in REVIEWED_KINDS and _followed(session, version))
        or was_corrected(session, film)
    )


def has_another_variant(session: Session, result: ResultObject, peer_id: int) -> bool:
    """Tell whether a peer has, or is to get, the same result as another object.

    A version is built anew for one peer's sake, or a peer's wishes change meanwhile: then it is
    another object for peers that have the first, and they never get both.
    """
    on_its_way = (DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.REHEARSED)
    other = (
        select(Delivery.id)
        .join(Delivery.result)
        .where(
            Delivery.peer_id == peer_id,
            Delivery.result_id != result.id,
            ResultObject.version_id == result.version_id,
            ResultObject.kind == result.kind,
            or_(
                may_be_there(),
                Delivery.state.in_(on_its_way),
                # Of two that were refused the later one may be tried again.
                and_(Delivery.state == DeliveryState.FAILED, Delivery.result_id > result.id),
            ),
        )
    )
    return session.scalars(other).first() is not None


def was_corrected(session: Session, film: Instance) -> bool:
    """Tell whether a corrected version of a film was read, whose results stand instead.

    Films whose headers say that each corrects the other would all be silent: of them the one that
    came last stands.
    """
    newer = aliased(Instance)
    query = (
        select(newer.id)
        .join(ReadingRow, ReadingRow.instance_id == newer.id)
        .where(
            newer.study_id == film.study_id,
            newer.corrects_uid == film.uid,
            or_(newer.id > film.id, newer.id.not_in(line_of(session, film))),
            ReadingRow.current,
            ReadingRow.completed_at.is_not(None),
        )
    )
    return session.scalars(query).first() is not None


def _later_message(session: Session, result: ResultObject, peer: Peer) -> bool:
    """Tell whether a later message on the film was made for the peer, which this one would undo."""
    later = (
        select(Delivery.id)
        .join(Delivery.result)
        .where(
            Delivery.peer_id == peer.id,
            Delivery.state != DeliveryState.OBSOLETE,
            ResultObject.instance_id == result.instance_id,
            ResultObject.sop_class_uid == "",
            ResultObject.id > result.id,
        )
    )
    return session.scalars(later).first() is not None


def _followed(session: Session, version: ReportVersionRow) -> bool:
    later = select(ReportVersionRow.id).where(
        ReportVersionRow.reading_id == version.reading_id,
        ReportVersionRow.number > version.number,
    )
    return session.scalars(later).first() is not None
