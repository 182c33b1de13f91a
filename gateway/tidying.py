"""The thread that removes what is needed no more, beside the delivery of results.

There, and not in the listener: a film is decoded once more before its pixels go, and no C-STORE
should wait for that. Several of them do no harm, since each study is asked about under its lock.
"""

from collections.abc import Iterator
from typing import Final

import structlog

from core.clock import now
from core.settings import Settings
from db.engine import Database
from db.retention import (
    Removed,
    remove_of_study,
    remove_quarantined,
    studies_with_removable,
    would_remove,
    would_remove_quarantined,
)
from db.retention_rule import Cutoffs
from db.spare_room import hold_spare_room, spare_room
from db.spool import Spool
from gateway.background import Background
from imaging.remains import remains_of

PASS_SECONDS: Final = 600.0
"""Between two passes over all studies."""
_log = structlog.get_logger()


class Tidier(Background):
    """Removes what the rule of retention lets go; a context manager that does nothing where off.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where the files are.
    """

    def __init__(self, settings: Settings, db: Database, spool: Spool) -> None:
        super().__init__("tidier", PASS_SECONDS)
        self._settings = settings
        self._db = db
        self._spool = spool

    def step(self) -> bool:
        """Do one whole pass, unless it is told to stop; False, since there is no more at once.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        # Also where retention is off: it may be switched on when the disk is full.
        hold_spare_room(self._spool)
        if self._settings.retention.enabled:
            total = Removed()
            for removed in removals(self._settings, self._db, self._spool):
                total.add(removed)
                if self._stop.is_set():
                    break
            if total != Removed():
                _log.info("retention", films=total.films, results=total.results, size=total.size)
        return False


def removals(settings: Settings, db: Database, spool: Spool) -> Iterator[Removed]:
    """Remove everything that may go, a study at a time; on a full disk, in the spare room.

    Yields
    ------
    Removed
        What was removed in one step.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    cutoffs = Cutoffs.at(now(), settings.retention)
    with spare_room(spool):
        while (removed := remove_quarantined(db, cutoffs)).quarantined:
            yield removed
        after = 0
        while studies := _behind(db, cutoffs, after):
            for study_id in studies:
                yield remove_of_study(db, spool, study_id, cutoffs, remains_of)
            after = studies[-1]


def to_remove(settings: Settings, db: Database) -> Removed:
    """Count what a pass would remove now; nothing is changed."""
    cutoffs = Cutoffs.at(now(), settings.retention)
    with db.read() as session:
        total = would_remove_quarantined(session, cutoffs)
    after = 0
    while studies := _behind(db, cutoffs, after):
        with db.read() as session:
            for study_id in studies:
                total.add(would_remove(session, study_id, cutoffs))
        after = studies[-1]
    return total


def _behind(db: Database, cutoffs: Cutoffs, after: int) -> list[int]:
    with db.read() as session:
        return studies_with_removable(session, cutoffs, after=after)
