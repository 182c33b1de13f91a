"""Films that were decoded for the screen, kept in memory for as long as there is room.

Decoding takes a tenth of a second, with some codecs a whole one; a film is asked for several times
(its picture in few pixels, then the whole, then again by whoever comes back to it). Nothing is
kept on a disk: what retention removes must not live on in a second place. Whether a person may
see a film, and whether it is still here, is asked before each request, never here.
"""

import threading
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from traceback import clear_frames
from typing import Final

import numpy as np
import structlog

from core.errors import FirstReadError, UnreadableObjectError
from imaging.display import DisplayFilm, Pixels, load_display
from imaging.reduced import factor_for, reduce
from imaging.thumbnail import thumbnail

_log = structlog.get_logger()
PREVIEW_SIDE: Final = 512
"""Pixels of the longer side of what is shown first: half a megabyte at most."""
_THUMBNAIL_SIDE: Final = 512
"""A page shows it in the film's place until its scripts run."""
_AT_A_TIME: Final = 2
"""Films that are decoded at a time; each may take some hundred megabytes meanwhile."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredFilm:
    """A film as it is sent.

    Parameters
    ----------
    film
        What is told of it, and its pixels, to which `whole` refers.
    factor
        Side of the blocks that each pixel of the preview stands for.
    preview_rows, preview_columns
        Its size.
    whole, preview
        Rows of pixels from the top, each unsigned with 16 bits, little endian.
    thumbnail
        A PNG picture through its first window, upright as stored.
    """

    film: DisplayFilm
    factor: int
    preview_rows: int
    preview_columns: int
    whole: memoryview
    preview: memoryview
    thumbnail: bytes

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return len(self.whole) + len(self.preview) + len(self.thumbnail)


class PixelStore:
    """Decodes films, each once, and keeps those that were asked for last.

    Parameters
    ----------
    limit_bytes
        Memory for what is kept; a larger film is given and not kept.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[Path, StoredFilm] = OrderedDict()
        self._coming: dict[Path, Future[StoredFilm]] = {}
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(_AT_A_TIME)
        self._warming = threading.BoundedSemaphore(1)

    def get(self, path: Path) -> StoredFilm:
        """Give a film; whoever asks while it is being decoded waits for the same one.

        Parameters
        ----------
        path
            Its file, of a name that is never used again (`db.spool`).

        Raises
        ------
        UnreadableObjectError, NotReadError, OutOfMemoryError
            As `imaging.display.load_display`; the first also if the file cannot be read.
        """
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
                return self._kept[path]
            coming = self._coming.get(path)
            mine = coming is None
            if coming is None:
                coming = self._coming[path] = Future()
        if mine:
            self._load(path, coming)
        return coming.result()

    def warm(self, path: Path) -> None:
        """Decode a film that is likely to be asked for, unless another is being decoded so."""
        if not self._warming.acquire(blocking=False):
            return

        def load() -> None:
            try:
                # Whoever then asks for it is told why it cannot be shown.
                with suppress(FirstReadError):
                    self.get(path)
            except Exception as error:  # noqa: BLE001 - no fault of a film's ends warming
                _log.error("film_not_warmed", error=type(error).__name__)
            finally:
                self._warming.release()

        threading.Thread(target=load, name="warm-film", daemon=True).start()

    def _load(self, path: Path, coming: "Future[StoredFilm]") -> None:
        try:
            with self._turns:
                found = _stored(path)
        except BaseException as error:
            # It and the future hold each other: pixels in its frames would wait for the garbage
            # collector.
            clear_frames(error.__traceback__)
            with self._lock:
                del self._coming[path]
            coming.set_exception(error)
            raise
        with self._lock:
            del self._coming[path]
            self._kept[path] = found
            while sum(one.size for one in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)
        coming.set_result(found)


def _stored(path: Path) -> StoredFilm:
    try:
        film = load_display(path)
    except OSError as error:
        message = f"its file cannot be read: {error.strerror or type(error).__name__}"
        raise UnreadableObjectError(message) from error
    factor = factor_for(film.pixels.shape, PREVIEW_SIDE)
    padding = None if film.padding is None else (film.padding.first, film.padding.last)
    preview = reduce(film.pixels, factor, padding)
    return StoredFilm(
        film=film,
        factor=factor,
        preview_rows=preview.shape[0],
        preview_columns=preview.shape[1],
        whole=_sent(film.pixels),
        preview=_sent(preview),
        thumbnail=thumbnail(film, preview, longest=_THUMBNAIL_SIDE),
    )


def _sent(pixels: Pixels) -> memoryview:
    return np.ascontiguousarray(pixels, dtype="<u2").view(np.uint8).reshape(-1).data
