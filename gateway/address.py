"""Where a peer is, and as whom it is spoken to."""

from dataclasses import dataclass
from typing import Self

from core.networks import PRIVATE_NETWORKS, Network
from core.settings import Settings
from gateway.carrier import Address
from gateway.tls.client import Tls


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """All that an association with a peer needs, save what it is for.

    Parameters
    ----------
    host, port
        Where the peer listens.
    called_ae, calling_ae
        Its AE title and ours.
    timeout
        Seconds of silence after which it counts as away, at every stage.
    tls
        The files for TLS with it; None for plain TCP.
    networks
        In which it must lie to be called (`network.outbound`).
    """

    host: str
    port: int
    called_ae: str
    calling_ae: str
    timeout: float = 30.0
    tls: Tls | None = None
    networks: tuple[Network, ...] = PRIVATE_NETWORKS

    @classmethod
    def of(cls, address: Address, settings: Settings) -> Self:
        """Give the address of a DICOM peer as this installation speaks to it."""
        return cls(
            address.host,
            address.port,
            address.ae_title,
            settings.gateway.ae_title,
            settings.delivery.network_timeout,
            address.tls_files,
            settings.network.outbound,
        )

    def __str__(self) -> str:
        """Name the peer in an error."""
        return f"{self.called_ae} at {self.host}:{self.port}"
