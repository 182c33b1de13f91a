"""How full the spool's disk is, and whether anything more is taken in."""

import os
from dataclasses import dataclass

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of the spool.

    Parameters
    ----------
    size, free
        In bytes; what only the system's administrator may use is left out, as in df(1).
    used_percent
        Of the file system.
    reserve
        Free bytes below which nothing more is taken in.
    maximum_used_percent
        Share above which nothing more is taken in.
    is_full
        Whether one of the two marks is passed.
    """

    size: int
    free: int
    used_percent: float
    reserve: int
    maximum_used_percent: float
    is_full: bool


def disk_of(settings: Settings) -> Disk | None:
    """Look at the spool's disk; None where this process does not see it."""
    try:
        disk = os.statvfs(settings.spool_folder)
    except OSError:
        return None
    free = disk.f_bavail * disk.f_frsize
    used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    percent = 100.0 * used / max(1, used + free)
    spool = settings.spool
    return Disk(
        size=used + free,
        free=free,
        used_percent=percent,
        reserve=spool.reserve_bytes,
        maximum_used_percent=spool.maximum_used_percent,
        is_full=free < spool.reserve_bytes or percent > spool.maximum_used_percent,
    )
