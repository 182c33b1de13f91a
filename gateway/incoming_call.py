"""Tells who calls, from the association that the call became."""

import ssl
from ipaddress import IPv4Address

from pynetdicom.association import Association

from core.outbound import Address, address_of
from gateway.admission import Call
from gateway.tls.certificate import names_in


def caller_address(association: Association) -> Address:
    """Give where a caller's connection comes from."""
    told = association.requestor.address_info
    return IPv4Address(0) if told is None else address_of(told.address)


def call_of(association: Association, ae_title: str) -> Call:
    """Give what is known of a caller.

    Parameters
    ----------
    association
        One that was requested of us; its connection may be gone by now.
    ae_title
        As the caller claims.
    """
    address = caller_address(association)
    wrapped = association.dul.socket
    connection = None if wrapped is None else wrapped.socket
    from_here = address.is_loopback
    names: frozenset[str] = frozenset()
    if connection is not None:
        try:
            from_here = from_here or address_of(str(connection.getsockname()[0])) == address
            if isinstance(connection, ssl.SSLSocket):
                names = names_in(connection.getpeercert() or {})
        except (OSError, ValueError, AttributeError):
            pass  # another thread closed it meanwhile: then it is nobody in particular
    return Call(
        ae_title=ae_title,
        address=address,
        from_here=from_here,
        over_tls=isinstance(connection, ssl.SSLSocket),
        certificate_names=names,
    )
