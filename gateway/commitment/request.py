"""Asks a peer to commit itself to what it stored: N-ACTION (PS3.4 section J.3.2)."""

from typing import Final

from pynetdicom.association import Association

from core.errors import PeerUnavailableError
from db.commitment_requests import Request
from gateway.commitment.model import PUSH_MODEL, PUSH_MODEL_INSTANCE
from gateway.commitment.wire import information_of

_REQUEST: Final = 1
"""Action Type ID "Request Storage Commitment"."""


def send_request(association: Association, request: Request) -> tuple[int, str]:
    """Send one request, and give the peer's status and its Error Comment.

    Parameters
    ----------
    association
        Established, with the context accepted.
    request
        Noted in the database, and committed there.

    Raises
    ------
    PeerUnavailableError
        If no answer came: whether the peer took the request is unknown, and its report is waited
        for.
    """
    try:
        answer, _reply = association.send_n_action(
            information_of(request),
            _REQUEST,
            PUSH_MODEL,
            PUSH_MODEL_INSTANCE,
            msg_id=request.commitment_id % 0xFFFF + 1,
        )
    except RuntimeError as error:
        message = "the association was lost"
        raise PeerUnavailableError(message) from error
    if "Status" not in answer:
        message = "no answer to N-ACTION"
        raise PeerUnavailableError(message)
    return int(answer.Status), str(answer.get("ErrorComment", ""))
