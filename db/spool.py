"""The durable file store: received objects, quarantined ones, and built results.

A file is first written under a temporary name on the same file system, and kept by fsync,
rename and fsync of the folder; only then may a row speak of it. A kept file's path is always
fresh, never used before and never reused, so a file that no row speaks of may be removed
without any race with a row that is about to.
"""

import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from core.errors import StorageFullError
from core.private_files import close_to_others, private_folder, write_private
from core.process_mark import ProcessMark, own_mark
from core.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\.[a-z0-9]{1,8})?")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
BUCKETS = 256
"""Number of sub-folders over which kept files are spread."""
UNKNOWN_SECONDS = 86400.0
"""Silence after which a half received file of a process of which nothing is known is swept."""


class Spool:
    """A folder of files that outlive a power failure.

    Parameters
    ----------
    folder
        Where; made if it is missing, and closed to other accounts. All processes of an
        installation see it under this path.
    reserve_bytes
        Free bytes below which `check_room` says that the disk is full.
    maximum_used_percent
        Share of the file system in use above which it says so too; what only the system's
        administrator may use is left out, as in df(1).
    """

    def __init__(
        self, folder: Path, reserve_bytes: int, maximum_used_percent: float = 100.0
    ) -> None:
        self.folder = folder.absolute()
        self._reserve = reserve_bytes
        self._maximum_used_percent = maximum_used_percent
        self._incoming = self.folder / "incoming"
        self._kept = self.folder / "kept"
        with _full_disk():
            for part in (self.folder, self._incoming, self._kept):
                private_folder(part)
            _sync_folder(self.folder)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Give the spool that an installation's settings name."""
        spool = settings.spool
        return cls(settings.spool_folder, spool.reserve_bytes, spool.maximum_used_percent)

    def prepare(self) -> None:
        """Make all sub-folders of kept files, so that no film waits for one; a full disk may."""
        with suppress(StorageFullError), _full_disk():
            for bucket in range(BUCKETS):
                private_folder(self._kept / f"{bucket:02x}")
            _sync_folder(self._kept)

    def temporary(self) -> Path:
        """Give a fresh path for a file that is not durable yet; nothing is created.

        Its name says whose it is, so that it is not swept while this process lives.
        """
        return self._incoming / f"{uuid.uuid4().hex}.{own_mark() or 'unknown'}"

    def keep(self, temporary: Path, name: str) -> Path:
        """Make a temporary file durable.

        Parameters
        ----------
        temporary
            A file at a path that `temporary` gave; it is moved.
        name
            Letters, digits, `-` and `_` with one suffix, to help whoever looks into the folder.
            Never from a header. A random part is put before the suffix.

        Returns
        -------
        pathlib.Path
            Where the file is from now on; fresh, so two files never share a path.

        Raises
        ------
        ValueError
            If the name is of another form.
        StorageFullError
            If the disk is full.
        """
        kept = self._fresh(name)
        with _full_disk():
            _sync_file(temporary)
            if not kept.parent.exists():
                private_folder(kept.parent)
                _sync_folder(self._kept)
            temporary.rename(kept)
            _sync_folder(kept.parent)
        return kept

    def keep_bytes(self, data: bytes, name: str) -> Path:
        """Write bytes into a new durable file; otherwise as `keep`."""
        temporary = self.temporary()
        try:
            with _full_disk():
                write_private(temporary, data)
            return self.keep(temporary, name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def check_room(self, size: int = 0) -> None:
        """Make sure that neither mark is passed after so many more bytes.

        One system call: cheap enough for every few megabytes that come in. Results are built and
        delivered beyond the marks, which is what the room behind them is for.

        Raises
        ------
        StorageFullError
            If one would be.
        """
        disk = os.statvfs(self.folder)
        free = disk.f_bavail * disk.f_frsize
        if free - size < self._reserve:
            message = f"{free} bytes are free, and {self._reserve} must stay so"
            raise StorageFullError(message)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        percent = 100.0 * (used + size) / max(1, used + free)
        if percent > self._maximum_used_percent:
            message = (
                f"{percent:.1f} % of the disk would be used, "
                f"and {self._maximum_used_percent:g} % may be"
            )
            raise StorageFullError(message)

    def sweep(self, older_than_seconds: float = UNKNOWN_SECONDS) -> int:
        """Remove what processes that ended left half received.

        A file of a process that lives is never removed, however slow its sender is. Where nobody
        can tell (it ran on another machine, or before this one was started), age decides.

        Parameters
        ----------
        older_than_seconds
            How long nobody wrote to a file of an unknown process.

        Returns
        -------
        int
            How many were removed.
        """
        old = time.time() - older_than_seconds
        return sum(
            _remove(path)
            for path, changed_at in _files(self._incoming)
            if _is_torn(path, unknown_is_torn=changed_at < old)
        )

    def kept_files(self, bucket: int, older_than_seconds: float) -> list[Path]:
        """List the kept files of one sub-folder, in [0, `BUCKETS`), that are older than that."""
        old = time.time() - older_than_seconds
        return [path for path, at in _files(self._kept / f"{bucket:02x}") if at < old]

    def _fresh(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            message = f"not a name for a kept file: {name!r}"
            raise ValueError(message)
        stem, dot, suffix = name.partition(".")
        full = f"{stem}-{uuid.uuid4().hex}{dot}{suffix}"
        return self._kept / hashlib.sha256(full.encode()).hexdigest()[:2] / full


@contextmanager
def _full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        message = f"the disk is full: {error.strerror}"
        raise StorageFullError(message) from error


def _is_torn(path: Path, *, unknown_is_torn: bool) -> bool:
    """Tell whether a temporary file is nobody's any more."""
    mark = ProcessMark.parse(path.suffix.removeprefix("."))
    return mark.gone if mark is not None and mark.here else unknown_is_torn


def _files(folder: Path) -> Iterator[tuple[Path, float]]:
    """Give a folder's files, each with the time of its last change."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path), entry.stat().st_mtime
        except FileNotFoundError:
            continue


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _sync_file(path: Path) -> None:
    close_to_others(path)
    _sync(path, os.O_RDWR)


def _sync_folder(path: Path) -> None:
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
