"""Results that are no longer to leave."""

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import REVIEWED_KINDS, DeliveryState, ResultKind
from db.models import Delivery, ResultObject

SUPERSEDED = "superseded before it left"
"""What becomes of a delivery whose film has a newer result: its words."""


def make_obsolete(session: Session, words: str, *of: ColumnElement[bool]) -> None:
    """Make obsolete what waits, is held or was rehearsed of some results; rejection notes leave.

    Parameters
    ----------
    session
        A writing session that holds the study.
    words
        Why, for the delivery's row.
    *of
        Conditions on `ResultObject`, all of which must hold.
    """
    results = select(ResultObject.id).where(ResultObject.kind != ResultKind.REJECTION, *of)
    session.execute(
        update(Delivery)
        .where(
            Delivery.result_id.in_(results),
            Delivery.state.in_(
                (DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.REHEARSED)
            ),
        )
        .values(state=DeliveryState.OBSOLETE, words=words, changed_at=now())
    )


def supersede_reports(session: Session, reading_id: str) -> None:
    """Make reports of a reading obsolete that had not left when a person's version was written.

    What the model found and marked stays its own and goes its way.
    """
    make_obsolete(
        session,
        SUPERSEDED,
        ResultObject.reading_id == reading_id,
        ResultObject.kind.in_(REVIEWED_KINDS),
    )
