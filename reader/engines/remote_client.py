"""Asks an OpenAI-compatible endpoint, again where that may help, and says why where it may not."""

import http.client
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import EngineAnswerError, EngineAwayError, SettingsError
from reader.answers import Answer
from reader.engines.remote_address import connect
from reader.engines.remote_line import Line
from reader.engines.remote_options import RemoteOptions
from reader.engines.remote_status import AgainError, check_status
from reader.engines.remote_stream import BrokenOffError, spoken

LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts at most, whatever the endpoint asks for."""
_FIRST_PAUSE: Final = 0.5
_PIECE: Final = 1 << 16
_MOST_LISTED: Final = 1 << 20
_NO_LIST: Final = frozenset({404, 405, 500, 501})
"""`transformers serve` fails at its list where it has no cache of downloads."""


@dataclass(frozen=True)
class RemoteClient:
    """Speaks to one endpoint; safe to share between threads.

    Parameters
    ----------
    options
        Where it is and how long to wait for it.

    Raises
    ------
    SettingsError
        If there is no key where there should be one.
    """

    options: RemoteOptions
    _headers: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the key."""
        headers = {"Accept": "*/*", "Connection": "close", "User-Agent": "firstread"}
        key = self.options.api_key()
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        object.__setattr__(self, "_headers", headers)

    def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        maximum_tokens: int,
        on_text: Callable[[str], None],
        line: Line,
    ) -> Answer:
        """Have the model answer, greedily.

        Parameters
        ----------
        messages
            The conversation as the API has it (`reader.engines.remote_messages`).
        maximum_tokens
            Length at which the answer is cut.
        on_text
            Called with an empty text at each attempt, and with each piece of the answer. Once
            some of it was heard there is no further attempt.
        line
            Ends the wait when it is given up.

        Raises
        ------
        EngineAwayError
            If the endpoint cannot be reached, is busy, too slow or no longer where it may be, does
            not take this installation for its own, or the certificates can no longer be used.
        EngineAnswerError
            If what it sent is no answer.
        RefusedByEngineError
            If it refused this very question.
        """
        question = {
            "model": self.options.model,
            "messages": messages,
            "max_tokens": maximum_tokens,
            "temperature": 0,
            "stream": True,
        }
        body = json.dumps(question).encode()
        heard = False

        def hear(piece: str) -> None:
            nonlocal heard
            heard = True
            on_text(piece)

        attempt = 0
        while True:
            on_text("")
            try:
                return self._once(body, hear, line)
            except SettingsError as error:
                # They could be used when the worker began: the films wait until they can again.
                raise EngineAwayError(str(error)) from error
            except AgainError as error:
                if heard or attempt == self.options.retries or line.given_up:
                    kind = EngineAnswerError if error.broken else EngineAwayError
                    raise kind(str(error)) from error
                # Not all at the same moment: many questions were refused together.
                pause = _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1)  # noqa: S311 - no secret
                line.pause(min(max(pause, error.pause), LONGEST_PAUSE))
            attempt += 1

    def models(self) -> tuple[Mapping[str, Any], ...]:
        """Give what the endpoint lists of its models; empty where it lists none.

        Raises
        ------
        EngineAwayError, EngineAnswerError, RefusedByEngineError
            As `complete` does; there is one attempt.
        """
        try:
            with self._asked("GET", "models", None, Line()) as response:
                if response.status in _NO_LIST:
                    return ()
                check_status(response)
                listed = json.loads(response.read(_MOST_LISTED))
        except AgainError as error:
            raise EngineAwayError(str(error)) from error
        except (ValueError, RecursionError) as error:
            message = "the endpoint's list of models is no JSON"
            raise EngineAnswerError(message) from error
        data = listed.get("data") if isinstance(listed, dict) else None
        if data is not None and not isinstance(data, list):
            message = "the endpoint's list of models is no list"
            raise EngineAnswerError(message)
        return tuple(item for item in data or () if isinstance(item, dict))

    def _once(self, body: bytes, on_text: Callable[[str], None], line: Line) -> Answer:
        with self._asked("POST", "chat/completions", body, line) as response:
            check_status(response)
            if "text/event-stream" not in response.headers.get("Content-Type", "").lower():
                message = "the endpoint's answer is no stream of events"
                raise EngineAnswerError(message)
            return spoken(_pieces(response), on_text)

    @contextmanager
    def _asked(
        self, method: str, what: str, body: bytes | None, line: Line
    ) -> Iterator[http.client.HTTPResponse]:
        seconds = self.options.timeout_seconds
        try:
            connection = connect(self.options, seconds)
        except EngineAwayError as error:
            raise AgainError(str(error)) from error
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        with closing(connection), line.held(connection.sock, seconds) as late:
            try:
                path = f"{self.options.endpoint.path}/{what}"
                connection.request(method, path, body=body, headers=headers)
                with connection.getresponse() as response:
                    yield response
            except (OSError, http.client.HTTPException, BrokenOffError) as error:
                if late.is_set() or isinstance(error, TimeoutError):
                    message = f"the endpoint gave no whole answer within {seconds:g} s"
                    raise EngineAwayError(message) from error
                message = f"the connection to the endpoint broke: {type(error).__name__}"
                raise AgainError(message) from error


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := response.read1(_PIECE):
        yield piece
