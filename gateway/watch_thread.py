"""Watches a folder in a thread of the gateway."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from core.errors import SettingsError
from core.settings import Settings
from db.engine import Database
from db.spool import Spool
from gateway.callers import Callers
from gateway.store import Receiver
from gateway.watch import WatchedFolder

_log = structlog.get_logger()
_PATIENCE_SECONDS = 10.0


class Watcher:
    """A thread that looks into the folder every so often; a context manager.

    Parameters
    ----------
    settings
        The whole tree, with a folder to watch.
    db, spool
        Where objects are kept.
    ring
        Called after each commit that left something to be read.

    Raises
    ------
    SettingsError
        If there is no such folder: made here, it could be the wrong one while a share is away.
    """

    def __init__(
        self, settings: Settings, db: Database, spool: Spool, ring: Callable[[], None]
    ) -> None:
        folder = settings.watch.folder
        if folder is None or not folder.is_dir():
            message = f"watch.folder is no folder: {folder}"
            raise SettingsError(message)
        watched = folder.absolute()
        if spool.folder.is_relative_to(watched) or watched.is_relative_to(spool.folder):
            message = f"watch.folder {folder} and the spool lie within each other"
            raise SettingsError(message)
        self._watched = WatchedFolder(
            settings,
            spool,
            receiver=Receiver(settings, db, spool, ring),
            callers=Callers(db, settings.gateway),
        )
        self._every = settings.watch.poll_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._watched.step(time.monotonic(), stopping=self._stop.is_set)
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever one look meets
                # A name or a value of an object may stand in the traceback.
                _log.error("watch_failed", error=type(error).__name__)
            self._stop.wait(self._every)
