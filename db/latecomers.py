"""Results that were on the wire when what follows them was built, which does not know of them.

A document then lacks its predecessor, and a message does not delete what the earlier one said. A
courier brings a peer one result at a time, so what still waits there when the outcome of the
earlier one is noted has not left: it is built once more.
"""

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import DeliveryState, ResultKind
from db.jobs import ask_publish
from db.models import Delivery, Instance, ReportVersionRow, ResultObject
from db.obsolete import SUPERSEDED
from db.predecessors import DOCUMENTS, line_of


def build_successors_anew(session: Session, late: Delivery) -> None:
    """Let what waits at a peer be built anew, where it ought to name an object that left late.

    Parameters
    ----------
    session
        A writing session that holds the peer and the study.
    late
        The delivery of an obsolete result that its peer has after all, or may have; its attempt
        is not yet counted.
    """
    gone = late.result
    unnamed: ColumnElement[bool]
    if gone.kind in DOCUMENTS:
        unnamed = ResultObject.predecessor_uid.is_distinct_from(gone.uid)
    elif gone.kind is ResultKind.ORU and not (late.attempts and late.status is None):
        # What may have been there before is known to the messages that followed.
        unnamed = true()
    else:
        return
    later = session.execute(
        select(Delivery, ResultObject)
        .join(Delivery.result)
        .where(
            Delivery.peer_id == late.peer_id,
            Delivery.state.in_((DeliveryState.WAITING, DeliveryState.HELD)),
            ResultObject.study_id == gone.study_id,
            ResultObject.kind == gone.kind,
            ResultObject.id > gone.id,
            unnamed,
        )
    ).all()
    for delivery, result in later:
        if gone.instance_id not in line_of(session, session.get_one(Instance, result.instance_id)):
            continue
        delivery.state, delivery.words = DeliveryState.OBSOLETE, SUPERSEDED
        delivery.changed_at = now()
        session.execute(
            update(ReportVersionRow)
            .where(ReportVersionRow.id == result.version_id)
            .values(published_at=None)
        )
        ask_publish(session, gone.study_id)
