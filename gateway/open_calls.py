"""How many associations each calling AE title has open."""

import threading
from collections import defaultdict
from typing import Final

from pynetdicom.association import Association

_GRACE_SECONDS: Final = 0.1
"""A caller that ends one association and opens the next at once may be faster than we are."""


class OpenCalls:
    """Counts associations by their calling AE title."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: defaultdict[str, set[Association]] = defaultdict(set)

    def enter(self, title: str, association: Association, most: int) -> bool:
        """Count an association in, unless its title has as many as it may.

        Parameters
        ----------
        title
            The calling AE title.
        association
            Counted until `leave`, or until its thread has ended.
        most
            How many the title may have.
        """
        with self._changed:
            room = self._changed.wait_for(lambda: self._standing(title) < most, _GRACE_SECONDS)
            if room:
                self._open[title].add(association)
            elif not self._open[title]:
                del self._open[title]
            return room

    def leave(self, association: Association) -> None:
        """Count an association out, however it ended; may be called any number of times."""
        with self._changed:
            for title in [one for one, some in self._open.items() if association in some]:
                self._open[title].discard(association)
                if not self._open[title]:
                    del self._open[title]
            self._changed.notify_all()

    def _standing(self, title: str) -> int:
        standing = {one for one in self._open[title] if one.is_alive()}
        self._open[title] = standing
        return len(standing)
