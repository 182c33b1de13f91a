"""Whether a peer would let itself be asked what it keeps."""

from typing import Final

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context

from core.errors import RefusedByPeerError
from core.states import CommitmentWay
from gateway.address import PeerAddress
from gateway.association import associate
from gateway.commitment.model import PUSH_MODEL
from gateway.contexts import VERIFICATION
from gateway.find import STUDY_ROOT_FIND

_NEEDED: Final = {
    CommitmentWay.ASK: (PUSH_MODEL, "storage commitment"),
    CommitmentWay.FIND: (STUDY_ROOT_FIND, "Study Root queries"),
}


def check_offer(address: PeerAddress, way: CommitmentWay) -> str:
    """Propose to a peer what its row has it asked by; nothing is asked.

    Parameters
    ----------
    address
        Of the peer.
    way
        How it is to be asked.

    Returns
    -------
    str
        What was seen, in words; "" where it is not to be asked.

    Raises
    ------
    PeerUnavailableError
        If there is no association.
    RefusedByPeerError
        If it does not accept what it is to be asked by.
    """
    if way is CommitmentWay.NONE:
        return ""
    uid, name = _NEEDED[way]
    syntaxes: list[str | UID] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
    contexts = [build_context(one, syntaxes) for one in (VERIFICATION, uid)]
    with associate(address, contexts) as association:
        accepted = {context.abstract_syntax for context in association.accepted_contexts}
    if uid not in accepted:
        message = f"answers, and does not accept {name}, by which it is to be asked what it keeps"
        raise RefusedByPeerError(message)
    return f"accepts {name}"
