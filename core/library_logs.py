"""Keeps what libraries log, warn or die of from writing down what passes through them.

A DICOM library quotes the value that it finds odd, a database driver the row that it could not
insert, and a traceback ends with the words of its error: all of them may be a patient's. Of a
library's line only who wrote it, and where, is kept; of an error its kind and the places that it
went through. The libraries of the broker are let speak, since its messages carry no data.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Final

import structlog

from core.sparing_log import Rarely

_SECONDS_BETWEEN: Final = 10.0
_LET_SPEAK: Final = frozenset({"celery", "kombu", "amqp", "redis"})
_log = structlog.get_logger()


def tame() -> None:
    """Set the standard library's logs, warnings and last words up for this process."""
    root = logging.getLogger()
    root.handlers[:] = [_Handler()]
    logging.captureWarnings(True)  # noqa: FBT003 - the standard library's own signature
    sys.excepthook = _died
    threading.excepthook = _thread_died


def kinds_and_places(error: BaseException) -> str:
    """Give the kinds of an error and of its causes, each with the places that it went through.

    Parameters
    ----------
    error
        Whose words are left out.
    """
    lines: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        places = [
            f"{frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        lines.append(" < ".join([type(cause).__qualname__, *reversed(places)]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)


class _Handler(logging.Handler):
    """Hands a library's line to structlog, without what it says.

    The same from the same place is told once in a while: strangers may cause it without end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rarely = Rarely(_SECONDS_BETWEEN)

    def emit(self, record: logging.LogRecord) -> None:
        """Log one line; commands, which set no logs up, speak for themselves."""
        if not structlog.is_configured():
            return
        values, repeated = {"logger": record.name}, dict[str, int]()
        if record.name.partition(".")[0] in _LET_SPEAK:
            values["words"] = record.getMessage()
        elif record.name != "py.warnings":
            values["place"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            values["exception"] = kinds_and_places(record.exc_info[1])
        if "place" in values:
            times = self._rarely.times(level=record.levelname, **values)
            if not times:
                return
            repeated["times"] = times
        # structlog knows the five usual levels only.
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        _log.log(level, "library_spoke", **values, **repeated)


def _died(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.stderr.write(f"{kinds_and_places(error)}\n")


def _thread_died(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        name = told.thread.name if told.thread is not None else ""
        sys.stderr.write(f"thread {name}: {kinds_and_places(told.exc_value)}\n")
