"""Rings the doorbell after a commit, from a thread of its own.

`ring` only sets a flag, so neither a C-STORE nor a web request ever waits for the broker; a ring
that is lost costs seconds, since a sweeper rings again for whatever waits.
"""

import threading
from types import TracebackType
from typing import Self

import structlog
from celery import Celery

from core.broker import QUEUE, WAKE_TASK

_log = structlog.get_logger()


class Ringer:
    """A thread that turns `ring` calls into Celery messages; a context manager.

    Parameters
    ----------
    app
        The Celery application of `core.broker`.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._wanted = threading.Event()
        self._stop = threading.Event()
        # A daemon: a frozen broker may hold a send for long, and must not hold up an exit.
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)

    def ring(self) -> None:
        """Ask for one ring; returns at once, and several calls may become one message."""
        self._wanted.set()

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
        self._wanted.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            if self._stop.is_set():
                return
            self._wanted.clear()
            try:
                self._app.send_task(WAKE_TASK, queue=QUEUE, retry=False)
            except Exception as error:  # noqa: BLE001 - any broker failure is one lost ring, no more
                _log.warning("ring_lost", error=type(error).__name__)
