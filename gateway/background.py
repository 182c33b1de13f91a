"""A thread of the gateway that does one step after the other for as long as it is wanted."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Final, Self

import structlog

from core.errors import DatabaseAwayError

_log = structlog.get_logger()
POLL_SECONDS: Final = 0.5
_DATABASE_PAUSE_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 10.0
"""What a step under way has to notice the exit; one that is cut off is done again."""


class Background(ABC):
    """The thread; a context manager.

    Parameters
    ----------
    name
        Of the thread, and in its log.
    poll_seconds
        Pause where there was nothing to do.
    """

    def __init__(self, name: str, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

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

    @abstractmethod
    def step(self) -> bool:
        """Do one piece of work; tell whether there may be more at once.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; it is waited for.
        """

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self._poll_seconds
            try:
                if self.step():
                    continue
            except DatabaseAwayError:
                _log.warning(
                    "background_waits", thread=self._thread.name, error="the database is away"
                )
                pause = max(pause, _DATABASE_PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever one step meets
                # A name or a value of an object may stand in the traceback.
                _log.error(
                    "background_failed", thread=self._thread.name, error=type(error).__name__
                )
            self._stop.wait(pause)
