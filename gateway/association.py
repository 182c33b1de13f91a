"""One association with a peer, as a client."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import _config
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext

from core.errors import PeerUnavailableError, RefusedByPeerError
from core.networks import PRIVATE_NETWORKS, Network
from gateway.address import PeerAddress
from gateway.outbound import call
from gateway.quiet import silence
from gateway.socket_errors import in_words
from gateway.sockets import ClientEntity
from gateway.tls.client import Tls, secure

# Files travel as the bytes they are: decoding and encoding again could change them.
_config.STORE_SEND_CHUNKED_DATASET = True


def associate(
    address: PeerAddress, contexts: Sequence[PresentationContext]
) -> AbstractContextManager[Association]:
    """Open an association with a peer; as `open_association`."""
    return open_association(
        address.host,
        address.port,
        called_ae=address.called_ae,
        calling_ae=address.calling_ae,
        contexts=contexts,
        timeout=address.timeout,
        tls=address.tls,
        networks=address.networks,
    )


@contextmanager
def open_association(
    host: str,
    port: int,
    *,
    called_ae: str,
    calling_ae: str,
    contexts: Sequence[PresentationContext],
    timeout: float,
    tls: Tls | None = None,
    networks: Sequence[Network] = PRIVATE_NETWORKS,
) -> Iterator[Association]:
    """Open an association, and release it at the end.

    Parameters
    ----------
    host, port
        Where the peer listens.
    called_ae, calling_ae
        AE titles.
    contexts
        What to propose, at most 128 (PS3.8 section 9.3.2.2).
    timeout
        Seconds of silence after which the peer counts as away, at every stage.
    tls
        The files for TLS with it; None for plain TCP.
    networks
        In which it must lie to be called.

    Yields
    ------
    pynetdicom.association.Association
        Established; some of its contexts may have been refused.

    Raises
    ------
    ForbiddenPeerError
        If it lies outside of the networks: it was not called.
    PeerUnavailableError
        If there is no connection, no TLS or no answer, or the association is turned away. That is
        so even for a permanent rejection: it speaks of this installation's registration there,
        which an administrator puts right, and not of an object.
    RefusedByPeerError
        If the peer accepts none of the contexts.
    """
    silence()
    connection = call(host, port, networks, timeout)
    if tls is not None:
        connection = secure(connection, host, port, tls, timeout)
    try:
        association = _requested(connection, called_ae, calling_ae, contexts, timeout)
    except (OSError, RuntimeError) as error:
        connection.close()
        message = f"no association with {host}:{port} ({in_words(error)}){_perhaps(tls)}"
        raise PeerUnavailableError(message) from error
    except BaseException:
        connection.close()
        raise
    if not association.is_established:
        raise _refusal(association, f"{called_ae} at {host}:{port}", tls)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def _requested(
    connection: socket.socket,
    called_ae: str,
    calling_ae: str,
    contexts: Sequence[PresentationContext],
    timeout: float,
) -> Association:
    entity = ClientEntity(calling_ae, connection)
    entity.connection_timeout = timeout
    entity.acse_timeout = timeout
    entity.dimse_timeout = timeout
    entity.network_timeout = timeout
    # An address and no name: pynetdicom would ask for it again.
    address, port = connection.getpeername()[:2]
    return entity.associate(address, port, contexts=list(contexts), ae_title=called_ae)


def store_file(association: Association, path: Path) -> tuple[int, str]:
    """Send one file over an open association.

    Parameters
    ----------
    association
        An established one.
    path
        A file in the format of PS3.10; sent as its bytes are where its transfer syntax was
        accepted, converted where only another uncompressed one was.

    Returns
    -------
    tuple of int and str
        The peer's status, and its Error Comment.

    Raises
    ------
    RefusedByPeerError
        If the peer accepted no context for this class and transfer syntax.
    PeerUnavailableError
        If the association broke or no answer came: whether the peer has the object is unknown.
    """
    try:
        answer = _send(association, path)
    except RuntimeError as error:
        message = "the association was lost"
        raise PeerUnavailableError(message) from error
    if "Status" not in answer:
        message = "no answer to C-STORE"
        raise PeerUnavailableError(message)
    return int(answer.Status), str(answer.get("ErrorComment", ""))


def _send(association: Association, path: Path) -> Dataset:
    try:
        return association.send_c_store(path)
    except ValueError:
        pass  # no context in the file's own transfer syntax
    try:
        return association.send_c_store(dcmread(path))
    except ValueError as error:
        message = "the peer accepted no presentation context for this object"
        raise RefusedByPeerError(message) from error


def _refusal(
    association: Association, peer: str, tls: Tls | None
) -> PeerUnavailableError | RefusedByPeerError:
    if association.is_rejected:
        answer = association.acceptor.primitive
        reason = "" if answer is None else f": {_for_how_long(answer)}{answer.reason_str}"
        return PeerUnavailableError(f"{peer} rejected the association{reason}")
    if association.rejected_contexts and not association.accepted_contexts:
        return RefusedByPeerError(f"{peer} accepted none of the presentation contexts")
    return PeerUnavailableError(f"{peer} did not answer{_perhaps(tls)}")


def _for_how_long(answer: A_ASSOCIATE) -> str:
    """Say whether a rejection is for good or for now (PS3.8 section 9.3.4)."""
    return {1: "for good, ", 2: "for now, "}.get(answer.result or 0, "")


def _perhaps(tls: Tls | None) -> str:
    """Say where to look: with TLS 1.3 a server looks at our certificate after our handshake."""
    return "" if tls is None else ": perhaps it does not take our certificate"
