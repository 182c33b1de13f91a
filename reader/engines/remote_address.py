"""Connections to the endpoint's own address and to nothing else.

The name is resolved once for each connection, every address that it resolves to must lie in the
administrator's networks, and the connection goes to one of those very addresses: a name that
resolves otherwise a moment later is not asked again. No proxy of the environment is used, and no
redirect is followed: neither `http.client` nor anything here does it.
"""

import http.client
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from core.errors import EngineAwayError, SettingsError
from reader.engines.remote_options import LOOPBACK, Endpoint, Network, RemoteOptions

Address = IPv4Address | IPv6Address


def allowed_addresses(endpoint: Endpoint, networks: Sequence[Network]) -> tuple[Address, ...]:
    """Resolve an endpoint's name.

    Raises
    ------
    EngineAwayError
        If the name cannot be resolved at present.
    SettingsError
        If any of its addresses lies outside the networks.
    """
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"the endpoint's name {endpoint.host!r} cannot be resolved: {error}"
        raise EngineAwayError(message) from error
    addresses = tuple(dict.fromkeys(_address(str(entry[4][0])) for entry in found))
    for address in addresses:
        if not any(address in network for network in (*LOOPBACK, *networks)):
            message = (
                f"the endpoint {endpoint.host!r} is at {address}, which is in none of the networks "
                "that are allowed (worker.remote.networks)"
            )
            raise SettingsError(message)
    return addresses


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
        addresses = allowed_addresses(endpoint, options.networks)
    except SettingsError as error:
        # It was where it may be when the worker began: the films wait until it is there again.
        raise EngineAwayError(str(error)) from error
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=timeout)
    connection.sock = _open(endpoint, addresses, timeout)
    if endpoint.tls:
        connection.sock = _secured(connection.sock, options)
    return connection


def _open(endpoint: Endpoint, addresses: Sequence[Address], timeout: float) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            opened = socket.create_connection((str(address), endpoint.port), timeout)
        except OSError as error:
            failure = error
        else:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
    reason = failure.strerror or type(failure).__name__ if failure else "no address"
    message = f"the endpoint {endpoint.host}:{endpoint.port} cannot be reached: {reason}"
    raise EngineAwayError(message) from failure


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


def _address(text: str) -> Address:
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
