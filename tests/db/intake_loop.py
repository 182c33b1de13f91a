"""A process that takes in films until it is killed, and says which were acknowledged.

Run as `python -m tests.db.intake_loop URL SPOOL PREFIX [POINT]`. With a point, it kills itself
there while it takes in its third film.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event

from db.engine import Database
from db.intake import take_in
from db.spool import Spool
from tests.db.builders import TO_READ, never_same, received

POINTS = ("before_file", "after_file", "before_commit", "after_commit")
_FATAL_FILM = 3


class MortalSpool(Spool):
    """A spool that calls `die` around the third file."""

    def __init__(self, folder: Path, die: Callable[[str], None]) -> None:
        super().__init__(folder, 0)
        self._die = die

    def keep(self, temporary: Path, name: str) -> Path:
        """Keep a file, if the process lives that long."""
        self._die("before_file")
        kept = super().keep(temporary, name)
        self._die("after_file")
        return kept


def main(url: str, folder: str, prefix: str, point: str = "") -> None:
    """Take in films for ever, one line on the standard output for each acknowledged one."""
    number = 0

    def die(here: str) -> None:
        if here == point and number == _FATAL_FILM:
            os.kill(os.getpid(), signal.SIGKILL)

    db = Database(url)
    event.listen(db._engine, "commit", lambda _connection: die("before_commit"))
    spool = MortalSpool(Path(folder), die)
    for number in itertools.count(1):
        item = received(spool, f"{prefix}.{number}", study=prefix)
        take_in(db, spool, item, TO_READ, never_same)
        die("after_commit")
        print(item.sop_instance_uid, flush=True)  # noqa: T201 - the acknowledgement


if __name__ == "__main__":
    main(*sys.argv[1:])
