"""From where, and over what, a peer may call.

An AE title is no authentication, since anybody may claim one. What can be checked of a call is the
address that it comes from, and over TLS the certificate that was shown.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.networks import Network
from core.outbound import Address, within
from gateway.host_addresses import HostAddresses


class Stranger(StrEnum):
    """Why a call is turned away; for the log, a caller is told none of it."""

    TITLE = "unknown AE title"
    ADDRESS = "not the address of that peer"
    PLAIN = "that peer calls over TLS only"
    CERTIFICATE = "not the certificate of that peer"


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, as far as it is known.

    Parameters
    ----------
    ae_title
        As the caller claims.
    address
        Where the connection comes from.
    from_here
        Whether that is this very machine.
    over_tls
        Whether it came in over the TLS port.
    certificate_names
        Of the certificate that was shown there, in small letters.
    """

    ae_title: str
    address: Address
    from_here: bool = False
    over_tls: bool = False
    certificate_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer calls from, and over what.

    Parameters
    ----------
    host
        Its own address; looked at where it has no networks.
    networks
        From which it calls.
    tls
        Whether it may call over TLS only.
    certificate_names
        Names of certificates of which it must show one, in small letters, and so call over TLS
        only; none is any, or no certificate at all.
    """

    host: str
    networks: tuple[Network, ...] = ()
    tls: bool = False
    certificate_names: frozenset[str] = frozenset()

    def turns_away(self, call: Call, hosts: HostAddresses) -> Stranger | None:
        """Say why a call is not this peer's; None where it is."""
        names = self.certificate_names
        if (self.tls or names) and not call.over_tls:
            return Stranger.PLAIN
        if names and names.isdisjoint(call.certificate_names):
            return Stranger.CERTIFICATE
        at_home = (
            within(call.address, self.networks)
            if self.networks
            else call.address in hosts.of(self.host)
        )
        return None if at_home else Stranger.ADDRESS
