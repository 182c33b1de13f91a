"""Asks a peer whether it is there, in the way that its protocol has for it."""

from core.errors import PeerUnavailableError
from core.settings import Settings
from gateway.address import PeerAddress
from gateway.carrier import Address
from gateway.commitment.offer import check_offer
from gateway.hl7.carrier import endpoint_of
from gateway.hl7.mllp import open_line
from gateway.scu import echo

_LISTENING = 0.25
"""Seconds: a listener that wants a certificate of ours says so only after its own handshake."""


def reach(address: Address, settings: Settings) -> str:
    """Ask a peer whether it is there; give what was seen, in words.

    A DICOM peer is asked by C-ECHO, and whether it accepts what its row has it asked by later on:
    storage commitment, or queries. HL7 has no such question and every message means something,
    so that an HL7 peer is only connected to.

    Parameters
    ----------
    address
        The peer.
    settings
        The whole tree.

    Raises
    ------
    PeerUnavailableError
        If it does not answer.
    RefusedByPeerError
        If it does not accept Verification, or what it is to be asked by.
    """
    if address.protocol == "dicom":
        echo(
            address.host,
            address.port,
            called_ae=address.ae_title,
            calling_ae=settings.gateway.ae_title,
            timeout=settings.delivery.network_timeout,
            tls=address.tls_files,
            networks=settings.network.outbound,
        )
        offered = check_offer(PeerAddress.of(address, settings), address.commitment)
        return f"answers C-ECHO, {offered}" if offered else "answers C-ECHO"
    with open_line(endpoint_of(address, settings)) as line:
        if not line.quiet(_LISTENING):
            message = f"{address.host}:{address.port} closed the connection at once"
            raise PeerUnavailableError(message)
        way = f"over {line.secured_by}" if line.secured_by else "unencrypted"
    return f"takes connections, {way}; no message was sent"
