"""A peer as whoever asks it what it keeps needs it, and how long it is left alone."""

from dataclasses import dataclass
from typing import Self

from core.settings import Settings
from core.states import CommitmentWay
from db.losses import LONGEST_PAUSE_SECONDS
from db.models import Peer
from db.pauses import Pause
from gateway.address import PeerAddress
from gateway.carrier import Address


@dataclass(frozen=True, slots=True)
class AskedPeer:
    """A peer that is asked what it keeps.

    Parameters
    ----------
    peer_id, name
        Its row.
    address
        Where it is.
    way
        How it is asked.
    quiet_seconds
        How long ago the last result of a study must have been stored there.
    failures
        Times in a row that it could not be asked.
    """

    peer_id: int
    name: str
    address: PeerAddress
    way: CommitmentWay
    quiet_seconds: float
    failures: int

    @classmethod
    def of(cls, peer: Peer, settings: Settings) -> Self:
        """Give the peer of a row."""
        asks = peer.commitment is CommitmentWay.ASK
        return cls(
            peer_id=peer.id,
            name=peer.name,
            address=PeerAddress.of(Address.of(peer), settings),
            way=peer.commitment,
            # An archive that is asked says by itself when it is done; one that is searched may
            # still be at its index.
            quiet_seconds=settings.commitment.gather_seconds if asks else peer.commitment_seconds,
            failures=peer.commitment_failures,
        )

    def pause(self, settings: Settings, *, for_good: bool) -> float:
        """Give the seconds that it is left alone after a failure.

        Parameters
        ----------
        settings
            The whole tree.
        for_good
            Whether it refuses to be asked at all: it is tried once a day then, in case somebody
            set it up otherwise.
        """
        if for_good:
            return LONGEST_PAUSE_SECONDS
        delivery = settings.delivery
        pause = Pause(delivery.first_retry_seconds, delivery.longest_retry_seconds)
        return pause.after(self.failures + 1)
