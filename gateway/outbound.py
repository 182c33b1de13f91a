"""Opens connections to peers, within the networks that may be called (`network.outbound`)."""

import socket
from collections.abc import Sequence

from core.errors import ForbiddenPeerError, PeerUnavailableError
from core.networks import Network
from core.outbound import connect, destinations, first_outside
from gateway.socket_errors import in_words


def call(host: str, port: int, networks: Sequence[Network], seconds: float) -> socket.socket:
    """Connect to a peer, if it lies where peers may be called.

    Parameters
    ----------
    host, port
        Where the peer listens; a name is resolved once.
    networks
        In which each of its addresses must lie.
    seconds
        Longest wait for the connection; the socket keeps it as its time-out.

    Raises
    ------
    ForbiddenPeerError
        If any of its addresses lies elsewhere: nothing was connected to.
    PeerUnavailableError
        If the name cannot be resolved, or nobody listens.
    """
    try:
        found = destinations(host, port)
    except OSError as error:
        message = f"no connection to {host}:{port} (its name cannot be resolved)"
        raise PeerUnavailableError(message) from error
    elsewhere = first_outside(found, networks)
    if elsewhere is not None:
        message = (
            f"{host}:{port} is not called: {elsewhere} lies in none of the networks that may be "
            "called (network.outbound)"
        )
        raise ForbiddenPeerError(message)
    try:
        return connect(found, seconds)
    except OSError as error:
        message = f"no connection to {host}:{port} ({in_words(error)})"
        raise PeerUnavailableError(message) from error
