"""Messages to one peer over TCP or TLS, in the minimal lower layer protocol (HL7 v2 appendix C).

A message is framed as VT, its bytes, FS, CR, and so is the answer. Every wait has an end that the
peer cannot push back by sending a byte now and then.
"""

import selectors
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import PeerUnavailableError
from core.networks import PRIVATE_NETWORKS, Network
from gateway.hl7.acknowledgement import Acknowledgement, acknowledgement
from gateway.outbound import call
from gateway.socket_errors import in_words
from gateway.tls.client import Tls, secure
from gateway.tls.handshake import awaited

_START = b"\x0b"
_END = b"\x1c\x0d"
LARGEST_ANSWER = 1 << 16
"""Bytes; an acknowledgement has some hundreds."""
_CHUNK = 1 << 14


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a peer takes messages.

    Parameters
    ----------
    host, port
        Its address; with TLS its certificate must name the host.
    tls
        None for plain TCP.
    connect_seconds
        Longest wait for the connection, and again for the TLS handshake.
    answer_seconds
        Longest wait for an acknowledgement, counted from the sending of the message.
    networks
        In which it must lie to be called.
    """

    host: str
    port: int
    tls: Tls | None = None
    connect_seconds: float = 30.0
    answer_seconds: float = 30.0
    networks: tuple[Network, ...] = PRIVATE_NETWORKS

    def __str__(self) -> str:
        """Name the peer in an error."""
        return f"{self.host}:{self.port}"


class Line:
    """An open connection to a peer, on which one message after another is sent.

    Parameters
    ----------
    connection
        Connected; with TLS, after its handshake.
    answer_seconds
        As in `Endpoint`.
    """

    def __init__(self, connection: socket.socket, answer_seconds: float) -> None:
        self._connection = connection
        self._answer_seconds = answer_seconds
        self._broken = False

    @property
    def secured_by(self) -> str | None:
        """The TLS version, such as TLSv1.3; None over plain TCP."""
        connection = self._connection
        return connection.version() if isinstance(connection, ssl.SSLSocket) else None

    def quiet(self, seconds: float = 0.0) -> bool:
        """Tell whether a message can be sent now.

        It cannot where an exchange failed, where the peer has closed the connection, as many do
        after each answer, and where it has sent what nobody asked for.

        Parameters
        ----------
        seconds
            How long to listen.
        """
        deadline = time.monotonic() + seconds
        while not self._broken:
            waiting = max(0.0, deadline - time.monotonic())
            if not awaited(self._connection, selectors.EVENT_READ, waiting):
                return True
            self._broken = not self._only_tickets()
        return False

    def _only_tickets(self) -> bool:
        """Tell whether what came is TLS's own and no word of the peer."""
        self._connection.settimeout(0.0)
        try:
            self._connection.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def exchange(self, data: bytes, control_id: str) -> Acknowledgement:
        """Send a message and wait for its acknowledgement.

        Parameters
        ----------
        data
            The message, without framing.
        control_id
            Its MSH-10, which the answer must name.

        Raises
        ------
        PeerUnavailableError
            If no answer to this very message came: whether the peer has it is unknown, and the
            connection is of no more use.
        """
        try:
            return acknowledgement(self._answer_to(data), control_id)
        except PeerUnavailableError:
            self._broken = True
            raise
        except OSError as error:
            self._broken = True
            message = f"the connection broke before an answer came ({in_words(error)})"
            raise PeerUnavailableError(message) from error

    def _answer_to(self, data: bytes) -> bytes:
        deadline = time.monotonic() + self._answer_seconds
        self._connection.settimeout(self._answer_seconds)
        self._connection.sendall(_START + data + _END)
        received = b""
        while _END not in received:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                message = f"no whole answer within {self._answer_seconds:g} s"
                raise PeerUnavailableError(message)
            self._connection.settimeout(remaining)
            try:
                chunk = self._connection.recv(_CHUNK)
            except TimeoutError:
                continue
            if not chunk:
                what = "half an answer" if received else "no answer"
                message = f"the connection was closed after {what}"
                raise PeerUnavailableError(message)
            received += chunk
            if len(received) > LARGEST_ANSWER:
                message = f"an answer of more than {LARGEST_ANSWER} bytes"
                raise PeerUnavailableError(message)
        answer, _, rest = received.partition(_END)
        # More than was asked for could be taken for the answer to the next message.
        self._broken = bool(rest)
        if not answer.startswith(_START):
            message = "an answer that is not framed as MLLP asks"
            raise PeerUnavailableError(message)
        return answer[1:]


@contextmanager
def open_line(endpoint: Endpoint) -> Iterator[Line]:
    """Connect to a peer, and close the connection at the end.

    Yields
    ------
    Line
        Connected, and checked where the peer is to speak TLS.

    Raises
    ------
    ForbiddenPeerError
        If it lies outside of the networks: it was not called.
    PeerUnavailableError
        If it does not listen, or its certificate or ours is not taken. An administrator puts that
        right; no message is to blame.
    """
    with _connected(endpoint) as connection:
        yield Line(connection, endpoint.answer_seconds)


def _connected(endpoint: Endpoint) -> socket.socket:
    host, port, seconds = endpoint.host, endpoint.port, endpoint.connect_seconds
    connection = call(host, port, endpoint.networks, seconds)
    if endpoint.tls is None:
        return connection
    return secure(connection, host, port, endpoint.tls, seconds)
