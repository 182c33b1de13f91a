"""Watches a folder in a thread of the gateway."""

import time
from collections.abc import Callable

from core.errors import SettingsError
from core.settings import Settings
from db.engine import Database
from db.spool import Spool
from gateway.background import Background
from gateway.callers import Callers
from gateway.store import Receiver
from gateway.watch import WatchedFolder


class Watcher(Background):
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
        super().__init__("watcher", settings.watch.poll_seconds)
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

    def step(self) -> bool:
        """Look into the folder once."""
        self._watched.step(time.monotonic(), stopping=self._stop.is_set)
        return False
