"""Which viewings of studies were noted lately, so that each one is one event of the audit."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from core.clock import now

_ONE_VIEWING: Final = timedelta(minutes=15)
"""Requests of one person for one study within it are one viewing: a page makes many of them."""
_MOST_KEPT: Final = 10_000


class Viewings:
    """What this process noted; another one may note the same viewing once more."""

    def __init__(self) -> None:
        self._noted: OrderedDict[tuple[int, int], datetime] = OrderedDict()
        self._lock = threading.Lock()

    def is_noted(self, account_id: int, study_id: int) -> bool:
        """Tell whether a person's viewing of a study was noted, and goes on."""
        with self._lock:
            noted = self._noted.get((account_id, study_id))
        return noted is not None and noted > now() - _ONE_VIEWING

    def noted(self, account_id: int, study_id: int) -> None:
        """Keep that a viewing was noted."""
        with self._lock:
            self._noted[account_id, study_id] = now()
            self._noted.move_to_end((account_id, study_id))
            while len(self._noted) > _MOST_KEPT:
                self._noted.popitem(last=False)
