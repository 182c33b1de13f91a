"""What becomes of results that their peer said it stored, by what is known of them afterwards.

Whoever calls holds the peer, the studies and the deliveries, which are in the state `sent`.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from core.clock import now
from core.commitment_settings import CommitmentSettings
from core.states import DeliveryState
from db.audit import record
from db.commitments import begin_anew
from db.deliveries import put_back
from db.models import AuditAction, Delivery, Peer
from db.overtaken import overtaken
from db.pauses import Pause

_ACTOR: Final = "delivery"
LONGEST_PAUSE_SECONDS: Final = 86_400.0
"""Between two requests for one object, or after a peer said that it commits itself to nothing."""


def keep(delivery: Delivery, words: str) -> None:
    """Note that the peer keeps it."""
    delivery.state = DeliveryState.COMMITTED
    delivery.committed_at = now()
    delivery.words = words
    delivery.asks = 0
    delivery.ask_at = None


def lose(
    session: Session, peer: Peer, delivery: Delivery, why: str, rules: CommitmentSettings
) -> None:
    """Note that the peer does not have it: the same bytes go again, under the same UID.

    Parameters
    ----------
    session
        The writing session.
    peer, delivery
        Who lost what.
    why
        How that is known, in words.
    rules
        How often it goes again, after which the delivery fails. What was overtaken since does not
        go, nor what was taken back, which the peer may have removed for that.
    """
    begin_anew(delivery)
    delivery.changed_at = now()
    delivery.lost += 1
    result = delivery.result
    if delivery.rejection_uid is not None or overtaken(session, result, peer):
        delivery.state = DeliveryState.OBSOLETE
        delivery.words = f"not there any more ({why}), and not sent again: it was overtaken"
    elif delivery.lost > rules.maximum_losses:
        delivery.state = DeliveryState.FAILED
        delivery.words = f"stored {delivery.lost} times, and lost each time: {why}"
    elif result.removed_at is not None:
        delivery.state = DeliveryState.FAILED
        delivery.words = f"lost by the peer, after its file was removed here: {why}"
    else:
        put_back(delivery)
        delivery.words = f"sent again, since the peer had lost it: {why}"
    record(
        session,
        AuditAction.RESULT_LOST,
        actor=_ACTOR,
        study_id=result.study_id,
        instance_id=result.instance_id,
        peer=peer.name,
        uid=result.uid,
        kind=result.kind.value,
        then=delivery.state.value,
    )


def fail(delivery: Delivery, why: str) -> None:
    """Note that the peer holds something else under this UID: sending again cannot help."""
    begin_anew(delivery)
    delivery.state = DeliveryState.FAILED
    delivery.words = why
    delivery.changed_at = now()


def ask_again(
    deliveries: Sequence[Delivery],
    why: str,
    rules: CommitmentSettings,
    *,
    first_pause: float = LONGEST_PAUSE_SECONDS,
) -> None:
    """Note that the peer did not say whether it keeps them: it is asked again, in another request.

    Parameters
    ----------
    deliveries
        What one request named; they stay together.
    why
        What happened, in words.
    rules
        How often it is asked; then a delivery stays stored and not committed, in words.
    first_pause
        Seconds before it is asked for the second time; they grow from then on.
    """
    asks = max((one.asks for one in deliveries), default=0)
    pause = Pause(first_pause, max(first_pause, LONGEST_PAUSE_SECONDS)).after(asks)
    for delivery in deliveries:
        if delivery.asks >= rules.maximum_requests:
            delivery.ask_at = None
            delivery.words = f"stored, not committed: {why}; asked {delivery.asks} times"
        else:
            delivery.ask_at = now() + timedelta(seconds=pause)
            delivery.words = f"stored, to be asked about again: {why}"
