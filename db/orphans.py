"""Removes kept files that no row speaks of: what a kill between file and commit left."""

from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, select, true

from db.engine import Database
from db.models import Instance, Quarantine, ResultObject
from db.spool import Spool

_Files = type[Instance] | type[Quarantine] | type[ResultObject]

_TABLES: Final[tuple[tuple[_Files, ColumnElement[bool]], ...]] = (
    # Of a film whose pixels were removed the path is its header's.
    (Instance, true()),
    (Quarantine, Quarantine.removed_at.is_(None)),
    (ResultObject, ResultObject.removed_at.is_(None)),
)
_AT_ONCE = 500
"""SQLite takes so many parameters in one statement, and more."""


def remove_orphans(db: Database, spool: Spool, bucket: int, older_than_seconds: float) -> int:
    """Remove the orphans of one of the spool's sub-folders.

    A file is only removed if no row speaks of it and none can any more: it is older than any
    intake takes between its file and its commit, and kept paths are never used twice.

    Parameters
    ----------
    db, spool
        Where.
    bucket
        In [0, `db.spool.BUCKETS`).
    older_than_seconds
        Far more than a commit may take.

    Returns
    -------
    int
        How many were removed.
    """
    files = spool.kept_files(bucket, older_than_seconds)
    removed = 0
    for start in range(0, len(files), _AT_ONCE):
        some = files[start : start + _AT_ONCE]
        for path in set(some) - _spoken_of(db, some):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _spoken_of(db: Database, paths: list[Path]) -> set[Path]:
    texts = [str(path) for path in paths]
    with db.read() as session:
        return {
            Path(found)
            for table, there in _TABLES
            for found in session.scalars(select(table.path).where(table.path.in_(texts), there))
        }
