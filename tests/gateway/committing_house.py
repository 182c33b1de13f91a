"""An installation with results at a peer that is to be asked whether it keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from core.commitment_settings import CommitmentSettings
from core.settings import Settings
from core.states import DeliveryState
from db.commitment_requests import Request, open_request
from db.engine import Database
from db.models import Commitment, Delivery, ResultObject
from db.spool import Spool
from gateway.commitment.service import Commitments
from tests.gateway.outgoing import deliveries, read_film, running
from tests.waiting import wait_until

OBJECTS = 3
"""Results of one film."""


@contextmanager
def asking(settings: Settings, db: Database, **rules: Any) -> Iterator[None]:
    """Let peers be asked, soon after they stored something."""
    quick: dict[str, Any] = {"gather_seconds": 0.0, "linger_seconds": 0.2}
    section = CommitmentSettings(**(quick | rules))
    with Commitments(settings.model_copy(update={"commitment": section}), db, poll_seconds=0.05):
        yield


def store_results(settings: Settings, db: Database, spool: Spool) -> list[Delivery]:
    """Bring the results of one film to the one peer there is."""
    # A peer that is asked meanwhile may have confirmed one before the next is stored.
    stored = (DeliveryState.SENT, DeliveryState.COMMITTED)
    before = len(deliveries(db, *stored))
    read_film(db, spool)
    with running(settings, db, spool):
        wait_until(
            lambda: len(deliveries(db, *stored)) == before + OBJECTS,
            what="three stored results",
        )
    return deliveries(db, *stored)[before:]


def request_for(db: Database, delivery: Delivery, *, maximum_requests: int = 6) -> Request:
    """Note a request about the study of a delivery, as if it had left."""
    with db.write() as session:
        study_id = session.scalars(
            select(ResultObject.study_id).where(ResultObject.id == delivery.result_id)
        ).one()
        request = open_request(
            session, delivery.peer_id, study_id, maximum_requests=maximum_requests
        )
    assert request is not None
    return request


def references_of(request: Request) -> tuple[tuple[str, str], ...]:
    """Give the SOP class and instance of all that a request names."""
    return tuple((one.sop_class_uid, one.uid) for one in request.objects)


def requests(db: Database) -> list[Commitment]:
    """List all requests, oldest first."""
    with db.read() as session:
        return list(session.scalars(select(Commitment).order_by(Commitment.id)))


def states(db: Database) -> list[str]:
    """Give the states of all deliveries, oldest first."""
    return [one.state.value for one in deliveries(db)]
