"""A folder whose files are taken in: by copying, through the same receiver as everything else.

A file is looked at until it lies still, then copied into the spool, which may be another file
system. Only once it is durable and committed is it moved away, and only if it is still the one
that was copied (`gateway.watch_hold`). A kill in between leaves it in the folder, and it comes in
again as the same content, which is nothing new.

File names may hold patients' names, so logs speak of inodes (`find -inum`).
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from io import RawIOBase
from pathlib import Path
from typing import Final

import structlog

from core.errors import DatabaseAwayError, StorageFullError
from core.settings import Settings
from db.pauses import Pause
from db.spool import Spool
from gateway.callers import Caller, Callers
from gateway.incoming import IncomingFile
from gateway.statuses import StoreStatus
from gateway.store import Answer, Receiver, StoreRequest
from gateway.watch_hold import Look, give_back, held, is_hold
from gateway.watch_shelves import DONE, REFUSED, Shelves

_log = structlog.get_logger()
_PIECE: Final = 1 << 20
_PREFIX_AT: Final = 128
_PREFIX: Final = b"DICM"
"""PS3.10 section 7.1; what lacks it is no object, and not worth a place in quarantine."""
_MOST_CRASHES: Final = 3
"""Attempts at a file that makes the receiver stumble."""
_LEFT_SECONDS: Final = 600.0
"""After which a file that could not be read or moved is tried again: what stood in the way may be
put right without a trace on the file itself."""


class _End(StrEnum):
    """What became of one file."""

    GONE = "gone"
    """Moved or removed."""
    LEFT = "left"
    """It stays where it is, and is not looked at again before it changes or a while is over."""
    CHANGED = "changed"
    """It is another one by now, which is looked at anew."""
    LATER = "later"
    """It is tried again after a pause."""


@dataclass(frozen=True, slots=True)
class _Left:
    """A file that stays where it is, and when it is tried again all the same."""

    look: Look
    until: float


class WatchedFolder:
    """Takes in what lies still in a folder; `step` does so once.

    Parameters
    ----------
    settings
        The whole tree, with a folder to watch.
    spool
        Where files are copied to.
    receiver
        Takes objects in.
    callers
        Says what the folder's AE title may do.
    """

    def __init__(
        self, settings: Settings, spool: Spool, *, receiver: Receiver, callers: Callers
    ) -> None:
        ours = settings.watch
        if ours.folder is None:
            message = "there is no folder to watch"
            raise ValueError(message)
        self._folder = ours.folder.absolute()
        self._settings = ours
        self._called_ae = settings.gateway.ae_title
        self._spool = spool
        self._receiver = receiver
        self._callers = callers
        self._shelves = Shelves(self._folder, remove_stored=ours.remove_stored)
        self._pause = Pause(
            settings.delivery.first_retry_seconds, settings.delivery.longest_retry_seconds
        )
        self._since: dict[Path, tuple[Look, float]] = {}
        self._left: dict[Path, _Left] = {}
        self._named: dict[Path, Look] = {}
        self._crashes: dict[Path, int] = {}
        self._failures = 0
        self._not_before = 0.0

    def step(self, at: float, *, stopping: Callable[[], bool] = lambda: False) -> int:
        """Look once, and take in what has lain still for long enough.

        Parameters
        ----------
        at
            The time in seconds, of a clock that never goes back.
        stopping
            Asked between two files.

        Returns
        -------
        int
            How many files were taken in or refused.
        """
        if at < self._not_before:
            return 0
        caller = self._caller()
        if caller is None:
            self._wait(at)
            return 0
        ended = 0
        found: set[Path] = set()
        for path, look in self._files():
            if stopping():
                return ended
            found.add(path)
            if self._is_left(path, look, at) or not self._lies_still(path, look, at):
                continue
            end = self._take(path, look, caller)
            if end is _End.LATER:
                self._wait(at)
                return ended
            if end is _End.LEFT:
                self._leave(path, look, at)
            self._failures = 0
            ended += end is _End.GONE
        self._forget(found)
        return ended

    def _forget(self, found: set[Path]) -> None:
        """Forget whatever is there no more."""
        for known in (self._since, self._left, self._crashes):
            for path in set(known) - found:
                del known[path]
        for path in [path for path in self._named if not os.path.lexists(path)]:
            del self._named[path]

    def _caller(self) -> Caller | None:
        title = self._settings.ae_title
        try:
            caller = self._callers.find(title)
        except DatabaseAwayError:
            return None
        if caller is None or not caller.sends:
            _log.warning("watch_not_allowed", calling_ae=title, error="not set to send films")
            return None
        return caller

    def _wait(self, at: float) -> None:
        self._failures += 1
        self._not_before = at + self._pause.after(self._failures)

    def _is_left(self, path: Path, look: Look, at: float) -> bool:
        left = self._left.get(path)
        return left is not None and left.look == look and at < left.until

    def _leave(self, path: Path, look: Look, at: float) -> None:
        """Leave a file as it was looked at; having been held it has another look by now."""
        with suppress(OSError):  # gone since
            if (seen := Look.of(path.lstat())).same_content(look):
                look = seen
        self._left[path] = _Left(look, at + _LEFT_SECONDS)

    def _files(self) -> Iterator[tuple[Path, Look]]:
        """Give the plain files of the folder and its sub-folders, but for those put away."""
        folders = [self._folder]
        while folders:
            folder = folders.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                self._name_once(folder, error)
                continue
            for entry in entries:
                path = Path(entry.path)
                if is_hold(entry.name):
                    self._give_back(path)
                    continue
                if entry.name.startswith(".") or path in self._shelves.folders:
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    elif entry.is_file(follow_symlinks=False):
                        yield path, Look.of(entry.stat(follow_symlinks=False))
                except OSError:
                    continue  # gone since

    def _give_back(self, folder: Path) -> None:
        """Give back what a kill left out of reach; it is looked at the next time."""
        try:
            if not folder.is_symlink():
                give_back(folder)
        except OSError as error:
            self._name_once(folder, error)

    def _lies_still(self, path: Path, look: Look, at: float) -> bool:
        seen, since = self._since.get(path, (None, at))
        if seen != look:
            since = at
            self._since[path] = (look, at)
        return at - since >= self._settings.settle_seconds

    def _take(self, path: Path, look: Look, caller: Caller) -> _End:
        incoming = IncomingFile(self._spool.temporary())
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._spool.check_room(look.size)
            with os.fdopen(os.open(path, flags), "rb", buffering=0) as source:
                if not self._copy(source, look, incoming):
                    return _End.CHANGED
                answer = self._answer(incoming, caller)
                if self._try_again(path, answer):
                    return _End.LATER
                return self._put_away(path, look, answer)
        except StorageFullError:
            return _End.LATER
        except OSError as error:
            self._name_once(path, error)
            return _End.LEFT
        finally:
            incoming.close()

    def _copy(self, source: RawIOBase, look: Look, incoming: IncomingFile) -> bool:
        """Copy a file; False where it changed meanwhile."""
        incoming.open(self._spool, b"")
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            return False
        while piece := source.read(_PIECE):
            incoming.write(piece)
        return Look.of(os.fstat(source.fileno())) == look

    def _answer(self, incoming: IncomingFile, caller: Caller) -> Answer:
        incoming.finish()
        if incoming.error is None:
            with incoming.path.open("rb") as copied:
                copied.seek(_PREFIX_AT)
                if copied.read(len(_PREFIX)) != _PREFIX:
                    return Answer(StoreStatus.NOT_UNDERSTOOD, "no DICOM file")
        return self._receiver.answer(StoreRequest(incoming, caller, self._called_ae))

    def _try_again(self, path: Path, answer: Answer) -> bool:
        if answer.status is not StoreStatus.PROCESSING_FAILURE:
            return answer.status is StoreStatus.OUT_OF_RESOURCES
        self._crashes[path] = self._crashes.get(path, 0) + 1
        return self._crashes[path] < _MOST_CRASHES

    def _put_away(self, path: Path, look: Look, answer: Answer) -> _End:
        shelf = DONE if answer.status is StoreStatus.SUCCESS else REFUSED
        reason = f"0x{answer.status:04X} {answer.comment}".strip()
        with held(path, look) as ours:
            if ours is None:
                return _End.CHANGED
            self._shelves.put(ours, path, shelf, reason)
        return _End.GONE

    def _name_once(self, path: Path, error: OSError) -> None:
        """Say that something cannot be read or moved, once for as long as it does not change."""
        try:
            look = Look.of(path.lstat())
        except OSError:
            return  # gone since
        if self._named.get(path) != look:
            self._named[path] = look
            _log.warning("watch_cannot", inode=look.inode, error=error.strerror, errno=error.errno)
