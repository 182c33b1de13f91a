"""Connections to the endpoint's own address and to nothing else.

The name is resolved once for each connection, every address that it resolves to must lie in the
administrator's networks, and the connection goes to one of those very addresses (core.outbound). No
proxy of the environment is used, and no redirect is followed: neither `http.client` nor anything
here does it.
"""

import http.client
import socket
import ssl
from collections.abc import Sequence

from core.errors import EngineAwayError, SettingsError
from core.networks import LOOPBACK, Network
from core.outbound import Destination, destinations, first_outside
from core.outbound import connect as connect_to
from reader.engines.remote_options import Endpoint, RemoteOptions


def allowed_addresses(endpoint: Endpoint, networks: Sequence[Network]) -> tuple[Destination, ...]:
    """Resolve an endpoint's name.

    Raises
    ------
    EngineAwayError
        If the name cannot be resolved at present.
    SettingsError
        If any of its addresses lies outside the networks.
    """
    try:
        found = destinations(endpoint.host, endpoint.port)
    except OSError as error:
        message = f"the endpoint's name {endpoint.host!r} cannot be resolved: {error}"
        raise EngineAwayError(message) from error
    # What is sent to this very machine does not leave it.
    elsewhere = first_outside(found, (*LOOPBACK, *networks))
    if elsewhere is not None:
        message = (
            f"the endpoint {endpoint.host!r} is at {elsewhere}, which is in none of the networks "
            "that are allowed (worker.remote.networks)"
        )
        raise SettingsError(message)
    return found


def connect(options: RemoteOptions, timeout: float) -> http.client.HTTPConnection:
    """Open a connection to the endpoint.

    Parameters
    ----------
    options
        Where it is, where it may be, and whose certificates are trusted.
    timeout
        Seconds for each step of it, and for each wait for bytes afterwards.

    Raises
    ------
    EngineAwayError
        If it cannot be reached, or is no longer where it may be.
    SettingsError
        If the file of certificates cannot be used.
    """
    endpoint = options.endpoint
    try:
        found = allowed_addresses(endpoint, options.networks)
    except SettingsError as error:
        # It was where it may be when the worker began: the films wait until it is there again.
        raise EngineAwayError(str(error)) from error
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=timeout)
    connection.sock = _open(endpoint, found, timeout)
    if endpoint.tls:
        connection.sock = _secured(connection.sock, options)
    return connection


def _open(endpoint: Endpoint, found: Sequence[Destination], timeout: float) -> socket.socket:
    try:
        return connect_to(found, timeout)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"the endpoint {endpoint.host}:{endpoint.port} cannot be reached: {reason}"
        raise EngineAwayError(message) from error


def _secured(plain: socket.socket, options: RemoteOptions) -> socket.socket:
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except (OSError, ValueError) as error:
        plain.close()
        message = f"the certificates in {options.ca_file} cannot be used: {type(error).__name__}"
        raise SettingsError(message) from error
    try:
        return context.wrap_socket(plain, server_hostname=options.endpoint.host)
    except (OSError, ValueError) as error:
        plain.close()
        message = f"no TLS with {options.endpoint.host}: {type(error).__name__}: {error}"
        raise EngineAwayError(message) from error
