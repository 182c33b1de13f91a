"""Results that are no longer to leave."""

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.states import DeliveryState, ResultKind
from db.models import Delivery, ResultObject


def make_obsolete(session: Session, words: str, *of: ColumnElement[bool]) -> None:
    """Make what waits or is held of some results obsolete; rejection notes always leave.

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
            Delivery.state.in_((DeliveryState.WAITING, DeliveryState.HELD)),
        )
        .values(state=DeliveryState.OBSOLETE, words=words, changed_at=now())
    )
