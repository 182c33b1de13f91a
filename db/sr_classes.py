"""Peers that turn out not to take the class of SR that their entry says, and what they get instead.

The other variant of a result is another object: what is built of it goes only to a peer that has
nothing of the first, so that no peer ever holds both.
"""

from typing import Final

import structlog
from sqlalchemy import not_, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import DeliveryState, ResultKind
from db.audit import record
from db.films import lock_study
from db.jobs import ask_publish
from db.models import AuditAction, Delivery, Peer, ReportVersionRow, ResultObject
from db.predecessors import may_be_there

_log = structlog.get_logger()
COMPREHENSIVE: Final = "comprehensive"
"""The class that is built where Comprehensive 3D SR is refused."""
OTHER_CLASS: Final = "the peer negotiates no Comprehensive 3D SR: built anew as Comprehensive SR"
"""What becomes of a delivery in the first class that had not left: its words."""
_ACTOR = "delivery"


def build_in_other_class(
    session: Session, peer_id: int, study_id: int, refused_class_uid: str
) -> bool:
    """Remember that a peer refuses an SR class, and have a study built for it in the other one.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_id, study_id
        The peer, and a study of which something waits for it in the class that it refuses.
    refused_class_uid
        That class.

    Returns
    -------
    bool
        Whether anything is built anew; what may have reached the peer already is not.
    """
    peer = session.scalars(
        select(Peer).where(Peer.id == peer_id).with_for_update(key_share=True)
    ).one()
    if peer.learned_sr_class != COMPREHENSIVE:
        peer.learned_sr_class = COMPREHENSIVE
        record(
            session,
            AuditAction.SR_CLASS_LEARNED,
            actor=_ACTOR,
            peer=peer.name,
            refused=refused_class_uid,
            instead=COMPREHENSIVE,
        )
        _log.warning("sr_class_learned", peer=peer.name, sr_class=COMPREHENSIVE)
    lock_study(session, study_id)
    here = (
        Delivery.peer_id == peer_id,
        Delivery.state == DeliveryState.WAITING,
        not_(may_be_there()),
        ResultObject.study_id == study_id,
    )
    versions = set(
        session.scalars(
            select(ResultObject.version_id)
            .join(Delivery, Delivery.result_id == ResultObject.id)
            .where(*here, ResultObject.sop_class_uid == refused_class_uid)
        )
    )
    if not versions:
        return False
    # All that is made of a version names the same variant, and key images name the SR itself.
    rows = session.scalars(
        select(Delivery)
        .join(Delivery.result)
        .where(
            *here,
            ResultObject.version_id.in_(versions),
            ResultObject.kind != ResultKind.REJECTION,
        )
    )
    for delivery in rows:
        delivery.state, delivery.words = DeliveryState.OBSOLETE, OTHER_CLASS
        delivery.changed_at = now()
    session.execute(
        update(ReportVersionRow).where(ReportVersionRow.id.in_(versions)).values(published_at=None)
    )
    ask_publish(session, study_id)
    return True
