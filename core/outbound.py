"""Connections to the very addresses that were checked, and to nothing else.

A name is resolved once for each connection, every address that it resolves to must lie in the
administrator's networks, and the connection goes to one of those very addresses: a name that
resolves otherwise a moment later is not asked again.
"""

import errno
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from core.networks import Network

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Destination:
    """One address of a name, with its port.

    Parameters
    ----------
    address
        What is checked: of an IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2) the former.
    family, socket_address
        What is connected to, as the resolver gave it.
    """

    address: Address
    family: socket.AddressFamily
    socket_address: tuple[str, int] | tuple[str, int, int, int]


def destinations(host: str, port: int) -> tuple[Destination, ...]:
    """Resolve a name, once.

    Returns
    -------
    tuple of Destination
        At least one, each once, in the resolver's order.

    Raises
    ------
    OSError
        If it cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(errno.EINVAL, "no name of a host") from error
    inet = (socket.AF_INET, socket.AF_INET6)
    entries = [(entry[0], entry[4]) for entry in found if entry[0] in inet]
    if not entries:
        raise OSError(errno.EADDRNOTAVAIL, "no address")
    return tuple(
        Destination(address_of(str(where[0])), family, where)  # type: ignore[arg-type]
        for family, where in dict.fromkeys(entries)
    )


def address_of(text: str) -> Address:
    """Give the address that a numeric text names, without its zone.

    Raises
    ------
    ValueError
        If it is no numeric address.
    """
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def within(address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether an address lies in any of some networks."""
    return any(address in network for network in networks)


def first_outside(found: Iterable[Destination], networks: Sequence[Network]) -> Address | None:
    """Give the first address that lies in none of the networks; None where all of them do."""
    for destination in found:
        if not within(destination.address, networks):
            return destination.address
    return None


def connect(found: Sequence[Destination], seconds: float) -> socket.socket:
    """Connect to the first address that answers.

    Parameters
    ----------
    found
        What `destinations` gave, checked.
    seconds
        Longest wait for each of them; the socket keeps it as its time-out.

    Raises
    ------
    OSError
        If none answers; that of the last one.
    """
    failure: OSError = OSError(errno.EADDRNOTAVAIL, "no address")
    for destination in found:
        opened = socket.socket(destination.family, socket.SOCK_STREAM)
        try:
            opened.settimeout(seconds)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.connect(destination.socket_address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure
