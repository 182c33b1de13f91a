"""The temporary file of one data set on its way in."""

from pathlib import Path
from typing import BinaryIO

from core.errors import StorageFullError
from db.spool import Spool

_BUFFER = 1 << 20


class IncomingFile:
    """The temporary file of one data set; it takes the place of pynetdicom's own.

    Writing never raises: what went wrong is noted in `error` for the answer, and the rest of the
    data set is read from the network and thrown away.

    Parameters
    ----------
    path
        A fresh name in the spool's file system.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.error: OSError | StorageFullError | None = None
        self._stream: BinaryIO | None = None

    @property
    def file(self) -> "IncomingFile":
        """Itself: pynetdicom flushes `file.file` after each fragment."""
        return self

    def open(self, spool: Spool, preamble: bytes) -> None:
        """Create the file and write what precedes the data set, unless there is no room."""
        try:
            spool.check_room()
            self._stream = self.path.open("xb", buffering=_BUFFER)
        except (OSError, StorageFullError) as error:
            self.error = error
        else:
            self.write(preamble)

    def write(self, data: bytes) -> None:
        """Append a fragment; a failure is noted, and all that follows is thrown away."""
        if self.error is None and self._stream is not None:
            try:
                self._stream.write(data)
            except OSError as error:
                self.error = error

    def flush(self) -> None:
        """Do nothing: `finish` flushes once."""

    def finish(self) -> None:
        """Close the file before it is read; a failure is noted in `error`."""
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
