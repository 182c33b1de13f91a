"""What the status of an endpoint's answer means for the question."""

import http.client
from contextlib import suppress
from email.utils import parsedate_to_datetime
from time import time
from typing import Final

from core.errors import EngineAnswerError, EngineAwayError, RefusedByEngineError

_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_REFUSALS: Final = range(400, 500)
_FAILURES: Final = range(500, 600)
_BUSY: Final = frozenset({408, 429, 502, 503, 504})
_NOT_OURS: Final = {
    401: "does not accept the key",
    403: "does not let this installation in",
    404: "knows no such path or no such model",
    405: "is no such API",
}
"""Wrong for every film alike: somebody has to mend the settings, and the films wait."""


class AgainError(Exception):
    """An attempt failed, and another one may not.

    Parameters
    ----------
    words
        What happened.
    pause
        Seconds that the endpoint asks to be left alone.
    broken
        Whether the endpoint itself failed: this may be the question's fault, so no film is tried
        for ever.
    """

    def __init__(self, words: str, pause: float = 0.0, *, broken: bool = False) -> None:
        super().__init__(words)
        self.pause = pause
        self.broken = broken


def check_status(response: http.client.HTTPResponse) -> None:
    """Refuse every answer but a success; its body, which may repeat the question, is not read.

    Raises
    ------
    AgainError
        If another attempt may help.
    EngineAwayError
        If the endpoint does not take this installation for its own, or sends it elsewhere: a
        redirect is never followed.
    EngineAnswerError
        If the status is none that is known.
    RefusedByEngineError
        If this very question is refused.
    """
    status = response.status
    if status == _OK:
        return
    told = f"the endpoint answers HTTP {status}"
    if status in _REDIRECTS:
        message = f"{told}, a redirect, which is not followed"
        raise EngineAwayError(message)
    if status in _NOT_OURS:
        message = f"{told}: it {_NOT_OURS[status]}"
        raise EngineAwayError(message)
    if status in _BUSY:
        raise AgainError(told, _retry_after(response))
    if status in _FAILURES:
        raise AgainError(told, broken=True)
    if status in _REFUSALS:
        message = f"{told}: it refuses this question"
        raise RefusedByEngineError(message)
    raise EngineAnswerError(told)


def _retry_after(response: http.client.HTTPResponse) -> float:
    """Give the seconds of Retry-After (RFC 9110 section 10.2.3): a number or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    return 0.0
