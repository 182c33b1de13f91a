"""Hears the doorbell: a Celery worker, in a thread, whose one task wakes the desk.

The task does no work itself, so a reading never keeps Celery from its connection, and a broker
that is away, frozen or full of nonsense never keeps the desk from its readings: it looks for
work by its own clock, too.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from celery import Celery
from celery.worker import WorkController, state

from core.broker import QUEUE, WAKE_TASK

_log = structlog.get_logger()
_PAUSE_SECONDS = 2.0
_JOIN_SECONDS = 5.0


class Bell:
    """Listens while its context lasts.

    Parameters
    ----------
    app
        The Celery application of `core.broker`; the wake task is added to it.
    heard
        Called, in the bell's thread, at each ring; must return at once.
    """

    def __init__(self, app: Celery, heard: Callable[[], None]) -> None:
        app.conf.update(
            broker_connection_max_retries=None,
            # No task is ever cut off: none takes time.
            worker_cancel_long_running_tasks_on_connection_loss=True,
            worker_enable_remote_control=False,
        )

        def wake() -> None:
            heard()

        # Not shared: a task of the same name in another application of the process is another's.
        app.task(wake, name=WAKE_TASK, shared=False)
        self._app = app
        self._stop = threading.Event()
        self.ready = threading.Event()
        """Set once it has listened for the first time."""
        # A daemon: a broker that does not answer must not hold up an exit.
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

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
        # Celery's own way to end a worker that runs in a thread.
        state.should_terminate = 0
        self._thread.join(_JOIN_SECONDS)
        state.should_terminate = None

    def _run(self) -> None:
        self._app.set_current()
        while not self._stop.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - whatever a broker does, the bell stays
                _log.warning("bell_failed", error=type(error).__name__)
            self._stop.wait(_PAUSE_SECONDS)

    def _listen(self) -> None:
        WorkController(
            app=self._app,
            pool="solo",
            concurrency=1,
            queues=[QUEUE],
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            ready_callback=lambda _consumer: self.ready.set(),
        ).start()
