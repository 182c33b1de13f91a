"""Keeps off peers whose couriers crash, whatever the database takes: in memory alone.

A result that was sent and cannot be noted waits still, and would be sent again at once, for ever.
"""

import time

from db.pauses import Pause


class CrashPauses:
    """How long each peer is left alone.

    Parameters
    ----------
    pause
        How pauses grow.
    """

    def __init__(self, pause: Pause) -> None:
        self._pause = pause
        self._crashes: dict[int, int] = {}
        self._until: dict[int, float] = {}

    def ended(self, peer_id: int, *, crashed: bool) -> None:
        """Count how a courier ended; one that ended well makes good all before it."""
        if not crashed:
            self._crashes.pop(peer_id, None)
            self._until.pop(peer_id, None)
            return
        count = self._crashes[peer_id] = self._crashes.get(peer_id, 0) + 1
        self._until[peer_id] = time.monotonic() + self._pause.after(count)

    def rests(self, peer_id: int) -> bool:
        """Tell whether a peer is still left alone."""
        return time.monotonic() < self._until.get(peer_id, 0.0)
