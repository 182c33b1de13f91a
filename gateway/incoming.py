"""The temporary file of one data set on its way in."""

import threading
from pathlib import Path
from typing import BinaryIO, Final

from core.errors import StorageFullError
from core.private_files import create_private
from db.spool import Spool

_BETWEEN_LOOKS: Final = 1 << 20
"""Bytes of a data set between two looks at the room on the disk."""


class IncomingFile:
    """The temporary file of one data set; it takes the place of pynetdicom's own.

    Writing never raises: what went wrong is noted in `error` for the answer, and the rest of the
    data set is read from the network and thrown away. It may be closed while another thread
    writes.

    Parameters
    ----------
    path
        A fresh name in the spool's file system.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.error: OSError | StorageFullError | None = None
        self._lock = threading.Lock()
        self._stream: BinaryIO | None = None
        self._spool: Spool | None = None
        self._until_look = _BETWEEN_LOOKS

    @property
    def file(self) -> "IncomingFile":
        """Itself: pynetdicom flushes `file.file` after each fragment."""
        return self

    def open(self, spool: Spool, preamble: bytes) -> None:
        """Create the file and write what precedes the data set, unless there is no room."""
        self._spool = spool
        try:
            spool.check_room()
            self._stream = create_private(self.path, buffering=0)
        except (OSError, StorageFullError) as error:
            self.error = error
        else:
            self.write(preamble)

    def write(self, data: bytes | memoryview) -> None:
        """Append a fragment; a failure is noted, and all that follows is thrown away."""
        with self._lock:
            if self.error is not None or self._stream is None or self._spool is None:
                return
            try:
                self._until_look -= len(data)
                if self._until_look < 0:
                    self._spool.check_room(len(data))
                    self._until_look = _BETWEEN_LOOKS
                written = self._stream.write(data)
                while written < len(data):  # a signal, or a disk that is about to be full
                    written += self._stream.write(memoryview(data)[written:])
            except (OSError, StorageFullError) as error:
                self.error = error

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def finish(self) -> None:
        """Close the file before it is read; a failure is noted in `error`."""
        with self._lock:
            if self._stream is None:
                return
            try:
                self._stream.close()
            except OSError as error:
                self.error = self.error or error
            self._stream = None

    def close(self) -> None:
        """Finish, and remove the file if nobody kept it; pynetdicom calls this at the end."""
        self.finish()
        self.path.unlink(missing_ok=True)
