"""Objects that were on the wire when their successor was built, which does not name them.

A courier brings a peer one object at a time, so a successor that still waits there when its
predecessor's outcome is noted has not left: it is built once more, and names it then.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import DeliveryState
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
        The delivery of an obsolete object that its peer has after all, or may have.
    """
    gone = late.result
    if gone.kind not in DOCUMENTS:
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
            ResultObject.predecessor_uid.is_distinct_from(gone.uid),
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
