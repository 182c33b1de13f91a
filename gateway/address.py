"""Where a peer is, and as whom it is spoken to."""

from dataclasses import dataclass


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
    """

    host: str
    port: int
    called_ae: str
    calling_ae: str
    timeout: float = 30.0

    def __str__(self) -> str:
        """Name the peer in an error."""
        return f"{self.called_ae} at {self.host}:{self.port}"
