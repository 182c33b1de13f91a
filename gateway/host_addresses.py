"""Where the hosts of peers are, for looking at who calls.

A name is resolved in a thread of its own, since a resolver may take its time and cannot be hurried:
whoever asks waits a moment, nobody else does.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.outbound import Address, address_of, destinations

_AGAIN_SECONDS: Final = 5.0
"""After a name that could not be resolved."""
_STALE_SECONDS: Final = 3600.0
"""How long the last answer stands while the resolver gives none: names seldom move."""


def _resolved(host: str) -> frozenset[Address]:
    return frozenset(destination.address for destination in destinations(host, 0))


@dataclass
class _Entry:
    addresses: frozenset[Address] = frozenset()
    answered_at: float = float("-inf")
    look_again_at: float = float("-inf")
    looking: threading.Event | None = None
    wait_until: float = float("-inf")


class HostAddresses:
    """The addresses of hosts, kept for a short while.

    Parameters
    ----------
    keep_seconds
        How long an answer is good for.
    patience
        Seconds that an answer is waited for.
    resolve
        Gives the addresses of a name, or raises OSError.
    """

    def __init__(
        self,
        *,
        keep_seconds: float = 30.0,
        patience: float = 3.0,
        resolve: Callable[[str], frozenset[Address]] = _resolved,
    ) -> None:
        self._keep_seconds = keep_seconds
        self._patience = patience
        self._resolve = resolve
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def of(self, host: str) -> frozenset[Address]:
        """Give the addresses of a host; none where it cannot be resolved in time.

        Parameters
        ----------
        host
            A name or a numeric address.
        """
        try:
            return frozenset({address_of(host)})
        except ValueError:
            pass
        with self._lock:
            entry = self._entries.setdefault(host, _Entry())
            looking = entry.looking
            if looking is None and time.monotonic() >= entry.look_again_at:
                looking = entry.looking = threading.Event()
                entry.wait_until = time.monotonic() + self._patience
                threading.Thread(
                    target=self._look, args=(host, entry, looking), name="resolver", daemon=True
                ).start()
        if looking is not None:
            # A resolver that hangs is waited for once, not by each caller that comes meanwhile.
            looking.wait(max(0.0, entry.wait_until - time.monotonic()))
        with self._lock:
            good = time.monotonic() - entry.answered_at <= _STALE_SECONDS
            return entry.addresses if good else frozenset()

    def _look(self, host: str, entry: _Entry, looking: threading.Event) -> None:
        try:
            found = self._resolve(host)
        except OSError:
            found = frozenset()
        at = time.monotonic()
        with self._lock:
            if found:
                entry.addresses, entry.answered_at = found, at
            entry.look_again_at = at + (self._keep_seconds if found else _AGAIN_SECONDS)
            entry.looking = None
        looking.set()
