"""Which peers are left alone for now: pauses grow with each failure, and a success ends them."""

import time
from collections.abc import Callable

from db.pauses import Pause


class PeerPauses:
    """The pauses of all peers, kept in memory: after a restart each of them is asked at once.

    Parameters
    ----------
    pause
        How they grow.
    clock
        Gives seconds that never go back.
    """

    def __init__(self, pause: Pause, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause = pause
        self._clock = clock
        self._failures: dict[int, int] = {}
        self._until: dict[int, float] = {}

    def paused(self) -> frozenset[int]:
        """Give the peers that are left alone now, by their rows' numbers."""
        at = self._clock()
        return frozenset(peer_id for peer_id, until in self._until.items() if until > at)

    def failed(self, peer_id: int) -> None:
        """Leave a peer alone for a while, longer each time."""
        failures = self._failures.get(peer_id, 0) + 1
        self._failures[peer_id] = failures
        self._until[peer_id] = self._clock() + self._pause.after(failures)

    def answered(self, peer_id: int) -> None:
        """Note that a peer did what it was asked."""
        self._failures.pop(peer_id, None)
        self._until.pop(peer_id, None)
