"""Lists that many pages load anew at the same time, made once for all of them.

A page that follows the news says which edition of the worklist it heard of. What was made since
that edition holds all that the page was told.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

_MOST: Final = 64
"""Different lists that are kept."""
_GOOD_SECONDS: Final = 5.0
"""After which a list is made anew though nothing is known to have changed."""


@dataclass
class _Kept:
    """One list, and who makes it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    edition: str = ""
    markup: str | None = None
    made_at: float = 0.0


class SharedLists:
    """Keeps lists for a moment; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def get(self, key: str, asked: str, edition: str, make: Callable[[], str]) -> str:
        """Give a list.

        Parameters
        ----------
        key
            What is shown, and to whom it may be shown; not kept outside this process's memory.
        asked
            The edition that the page heard of.
        edition
            The edition now.
        make
            Makes it.
        """
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        with kept.lock:
            fresh = time.monotonic() - kept.made_at < _GOOD_SECONDS
            if kept.markup is None or not fresh or not _is_since(kept.edition, asked):
                begun = time.monotonic()
                kept.markup = make()
                kept.edition, kept.made_at = edition, begun
            return kept.markup


def _is_since(edition: str, asked: str) -> bool:
    """Whether an edition is not older than one that was asked for, of the same process."""
    name, _, number = edition.partition("-")
    asked_name, _, asked_number = asked.partition("-")
    if name != asked_name or not (number.isdecimal() and asked_number.isdecimal()):
        return False
    # What has more digits is larger; what a stranger asks for may have more than int takes.
    return (len(number), number) >= (len(asked_number), asked_number)
