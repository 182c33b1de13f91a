"""TLS towards a peer, whatever is spoken inside of it."""

import socket
import ssl
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from core.errors import PeerUnavailableError
from gateway.socket_errors import in_words
from gateway.tls.handshake import shake_hands
from gateway.tls.profile import Profile, restrict

_PROFILE: Final[Profile] = "bcp195"


@dataclass(frozen=True, slots=True)
class Tls:
    """How a peer's certificate is checked, and what it is shown; paths of PEM files.

    Parameters
    ----------
    ca_file
        The authorities that its certificate must come from; "" for the system's.
    certificate_file, key_file
        Our own certificate and its key; "" where it asks for none.
    """

    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""


def client_context(tls: Tls) -> ssl.SSLContext:
    """Build a context that asks for a certificate which names the host.

    Raises
    ------
    OSError, ValueError
        If a file cannot be used.
    """
    context = ssl.create_default_context(cafile=tls.ca_file or None)
    restrict(context, _PROFILE)
    if tls.certificate_file:
        context.load_cert_chain(tls.certificate_file, tls.key_file)
    return context


def secure(
    connection: socket.socket, host: str, port: int, tls: Tls, seconds: float
) -> ssl.SSLSocket:
    """Speak TLS on a connection to a peer.

    Parameters
    ----------
    connection
        Connected; closed where it fails.
    host, port
        Of the peer; its certificate must name the host.
    tls
        The files.
    seconds
        Longest time of the handshake.

    Returns
    -------
    ssl.SSLSocket
        After its handshake, with a time-out of 0.

    Raises
    ------
    PeerUnavailableError
        If the files cannot be used, or a certificate is not taken. An administrator puts that
        right; nothing that is sent is to blame.
    """
    with ExitStack() as on_failure:
        on_failure.enter_context(connection)
        try:
            context = client_context(tls)
            secured = context.wrap_socket(
                connection, server_hostname=host, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            message = f"the TLS files for {host}:{port} cannot be used ({in_words(error)})"
            raise PeerUnavailableError(message) from error
        on_failure.enter_context(secured)
        try:
            shake_hands(secured, seconds)
        except (OSError, ValueError) as error:
            message = f"no TLS with {host}:{port} ({in_words(error)})"
            raise PeerUnavailableError(message) from error
        on_failure.pop_all()
    return secured
