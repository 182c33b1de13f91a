"""Room on the spool's disk that retention needs before it can make any.

A film's file only goes when its header is safe, and every removal is noted first. On a disk without
a byte left neither can be written, and the disk would stay full. So a file that only takes room is
kept in the spool, and given back while retention removes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from core.private_files import FILE_MODE
from db.spool import Spool

SPARE_BYTES: Final = 4 << 20
"""Enough for headers, and for a small database on the same disk to note what goes."""
_log = structlog.get_logger()


def hold_spare_room(spool: Spool) -> bool:
    """Take the spare room, where it is not taken and twice as much is free; tell whether it is.

    May be done at any time, and by several processes. What a kill left half taken is taken whole.
    """
    path = _path(spool)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            if os.fstat(descriptor).st_size >= SPARE_BYTES:
                return True
            if _free(spool) >= 2 * SPARE_BYTES:
                os.posix_fallocate(descriptor, 0, SPARE_BYTES)
                return True
        finally:
            os.close(descriptor)
    except OSError as error:
        # The disk is as full as that, or does not answer: retention goes on without.
        _log.warning("no_spare_room", error=type(error).__name__)
    # Nothing, or a part.
    _give_back(path)
    return False


@contextmanager
def spare_room(spool: Spool) -> Iterator[None]:
    """Give the spare room back where less than that is free, and take it again at the end."""
    if _free(spool) < SPARE_BYTES:
        _give_back(_path(spool))
    try:
        yield
    finally:
        hold_spare_room(spool)


def _path(spool: Spool) -> Path:
    return spool.folder / "spare"


def _free(spool: Spool) -> int:
    disk = os.statvfs(spool.folder)
    return disk.f_bavail * disk.f_frsize


def _give_back(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("no_spare_room", error=type(error).__name__)
