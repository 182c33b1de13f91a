"""What is looked for at a peer by C-FIND after it said that it stored it, and what was found."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.clock import now
from core.commitment_settings import CommitmentSettings
from core.states import CommitmentWay, DeliveryState
from db.commitments import StoredObject, locked_peer, take_stored
from db.films import lock_study
from db.losses import keep, lose
from db.models import Delivery, ResultObject

FOUND = "found by C-FIND"
NOT_FOUND = "not found by C-FIND"


def take_for_search(
    session: Session, peer_id: int, study_id: int, *, maximum_requests: int, seconds: float
) -> tuple[StoredObject, ...]:
    """Take what is to be looked for at a peer of one study, for so long.

    Parameters
    ----------
    session
        A writing session of its own.
    peer_id, study_id
        Where, and of what.
    maximum_requests
        As for `take_stored`.
    seconds
        Until then no other deliverer looks for the same; whoever is killed leaves it to them.
    """
    peer = locked_peer(session, peer_id)
    if not peer.enabled or peer.commitment is not CommitmentWay.FIND:
        return ()
    taken = take_stored(session, peer, study_id, maximum_requests=maximum_requests)
    for delivery, _stored in taken:
        delivery.ask_at = now() + timedelta(seconds=seconds)
    return tuple(stored for _delivery, stored in taken)


def note_search(
    session: Session, stored: StoredObject, rules: CommitmentSettings, *, found: bool
) -> DeliveryState | None:
    """Note whether a peer has what it said it stored.

    Parameters
    ----------
    session
        A writing session of its own.
    stored
        What was looked for.
    rules
        How often it is sent again.
    found
        Whether it is there.

    Returns
    -------
    DeliveryState or None
        What became of it; None where it was sent again or taken for something else meanwhile.
    """
    peer_id, study_id = session.execute(
        select(Delivery.peer_id, ResultObject.study_id)
        .join(Delivery.result)
        .where(Delivery.id == stored.delivery_id)
    ).one()
    peer = locked_peer(session, peer_id)
    lock_study(session, study_id)
    delivery = session.scalars(
        select(Delivery)
        .where(Delivery.id == stored.delivery_id)
        .with_for_update(of=Delivery)
        .options(joinedload(Delivery.result))
        .execution_options(populate_existing=True)
    ).one()
    if not _as_it_was(delivery, stored.sent_at):
        return None
    if found:
        keep(delivery, FOUND)
    else:
        lose(session, peer, delivery, NOT_FOUND, rules)
    return delivery.state


def _as_it_was(delivery: Delivery, sent_at: datetime) -> bool:
    return delivery.state is DeliveryState.SENT and delivery.sent_at == sent_at
