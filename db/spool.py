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
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageFullError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\.[a-z0-9]{1,8})?")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
BUCKETS = 256
"""Number of sub-folders over which kept files are spread."""


class Spool:
    """A folder of files that outlive a power failure.

    Parameters
    ----------
    folder
        Where; made if it is missing. All processes of an installation see it under this path.
    reserve_bytes
        Free bytes below which `check_room` says that the disk is full.
    """

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        self.folder = folder.absolute()
        self._reserve = reserve_bytes
        self._incoming = self.folder / "incoming"
        self._kept = self.folder / "kept"
        with _full_disk():
            for part in (self._incoming, self._kept):
                part.mkdir(parents=True, exist_ok=True)
            _sync_folder(self.folder)

    def temporary(self) -> Path:
        """Give a fresh path for a file that is not durable yet; nothing is created."""
        return self._incoming / uuid.uuid4().hex

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
                kept.parent.mkdir(exist_ok=True)
                _sync_folder(self._kept)
            temporary.rename(kept)
            _sync_folder(kept.parent)
        return kept

    def keep_bytes(self, data: bytes, name: str) -> Path:
        """Write bytes into a new durable file; otherwise as `keep`."""
        temporary = self.temporary()
        try:
            with _full_disk():
                temporary.write_bytes(data)
            return self.keep(temporary, name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def check_room(self, size: int = 0) -> None:
        """Make sure that the reserve stays free after so many more bytes.

        Raises
        ------
        StorageFullError
            If it would not.
        """
        free = shutil.disk_usage(self.folder).free
        if free - size < self._reserve:
            message = f"{free} bytes are free, and {self._reserve} must stay so"
            raise StorageFullError(message)

    def sweep(self, older_than_seconds: float) -> int:
        """Remove temporary files that nobody wrote to for so long.

        Returns
        -------
        int
            How many were removed.
        """
        return sum(
            _remove(path) for path in _old_files(self._incoming, time.time() - older_than_seconds)
        )

    def kept_files(self, bucket: int, older_than_seconds: float) -> list[Path]:
        """List the kept files of one sub-folder, in [0, `BUCKETS`), that are older than that."""
        return list(_old_files(self._kept / f"{bucket:02x}", time.time() - older_than_seconds))

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


def _old_files(folder: Path, before: float) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < before:
                yield Path(entry.path)
        except FileNotFoundError:
            continue


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _sync_file(path: Path) -> None:
    _sync(path, os.O_RDWR)


def _sync_folder(path: Path) -> None:
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
