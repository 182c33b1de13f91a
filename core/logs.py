"""Logs: one JSON object a line in production, ids only.

Names, birth dates and texts of patients never go into a log call; the keys listed here are
blanked even if a call should carry them. Of an exception its kind and places are logged, never its
words, which may quote what it met.
"""

import logging
import sys

import structlog

from core.library_logs import kinds_and_places
from core.settings import LogSettings

_PRIVATE = frozenset(
    {"patient_name", "patient_id", "birth_date", "report", "findings", "impression", "text"}
)


def _blank_private(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key in _PRIVATE & event.keys():
        event[key] = "(withheld)"
    return event


def _without_words(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Put the kinds and places of an exception in the place of its traceback."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = kinds_and_places(error)
    return event


def configure_logs(settings: LogSettings) -> None:
    """Set up structlog for this process, on standard error.

    Parameters
    ----------
    settings
        Level and form.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            _blank_private,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.level]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
