"""The remote engine: a model behind an OpenAI-compatible endpoint in the hospital's networks.

The family's questions and parsers are the local engine's. What such an endpoint cannot do is
said, never made up: it gives no probabilities of whole answers, so there are no scores, and
nobody can check its weights from here.
"""

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from PIL import Image

from core.errors import EngineAwayError
from reader.answers import Answer
from reader.engines.film import Asked, OnText
from reader.engines.remote_client import LONGEST_PAUSE, RemoteClient
from reader.engines.remote_line import Line
from reader.engines.remote_messages import data_url, harmless_there, messages_of

_LOOK_UP: Final = 1.0
"""Seconds of silence after which the listener is asked whether to go on."""
_Heard = tuple[int, str | Answer | BaseException]


def as_it_is(picture: Image.Image) -> Image.Image:
    """Give a picture as it is."""
    return picture


@dataclass(frozen=True)
class RemoteFilm:
    """A film to be sent along with each question; implements `reader.engines.film.Film`.

    Parameters
    ----------
    url
        Its pixels as a data URL. Whether they are encoded anew for each question is the
        endpoint's affair (vLLM keeps what it has seen).
    """

    url: str

    @property
    def encodings(self) -> int:
        """None that is known of: the model is elsewhere."""
        return 0

    def harmless(self, text: str) -> str:
        """Take out of a text what could be a special token; see `harmless_there`."""
        return harmless_there(text)

    def log_probabilities(
        self,
        asked: Asked,
        answers: Sequence[str],
        *,
        ended: bool = True,
    ) -> None:
        """Give None: chat completions tell no probability of an answer that is given to them."""


@dataclass(frozen=True)
class RemoteEngine:
    """A model behind an endpoint; implements `reader.engines.film.Engine`.

    Parameters
    ----------
    client
        Speaks to the endpoint.
    maximum_new_tokens
        Length at which an answer is cut.
    picture_of
        What the family's own processor does before the endpoint's: from a film, RGB, to the
        picture that is sent.
    """

    client: RemoteClient
    maximum_new_tokens: int
    picture_of: Callable[[Image.Image], Image.Image] = as_it_is
    _threads: ThreadPoolExecutor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Have as many threads as questions may be under way, whoever asks."""
        threads = ThreadPoolExecutor(self.client.options.concurrency, "remote")
        object.__setattr__(self, "_threads", threads)

    @property
    def parameters(self) -> None:
        """Not known."""
        return

    def film(self, image: Image.Image) -> RemoteFilm:
        """Make a film, in mode L or RGB, ready to be sent."""
        return RemoteFilm(data_url(self.picture_of(image)))

    def beside(self) -> "RemoteEngine":
        """Give this very engine: each of its questions goes its own way."""
        return self

    def answers(
        self, questions: Sequence[tuple[Any, Asked]], on_text: OnText
    ) -> Iterator[tuple[int, Answer]]:
        """Ask all at once, as many as the concurrency allows; see `reader.engines.film.Engine`.

        Raises
        ------
        EngineAwayError, EngineAnswerError, RefusedByEngineError
            As `RemoteClient.complete` does, for the first question that fails; the others are
            given up, as they are where the caller stops listening.
        """
        heard: queue.SimpleQueue[_Heard] = queue.SimpleQueue()
        lines = [Line() for _ in questions]
        tasks = [
            self._threads.submit(self._ask, number, *question, lines[number], heard)
            for number, question in enumerate(questions)
        ]
        try:
            waiting = len(tasks)
            while waiting:
                number, what = self._next(heard, on_text)
                if isinstance(what, BaseException):
                    raise what
                if isinstance(what, Answer):
                    waiting -= 1
                    yield number, what
                else:
                    on_text(what)
        finally:
            for task, line in zip(tasks, lines, strict=True):
                task.cancel()
                line.give_up()

    def _next(self, heard: "queue.SimpleQueue[_Heard]", on_text: OnText) -> _Heard:
        """Wait for the next thing to be heard, and let the listener end the wait meanwhile."""
        longest = self.client.options.timeout_seconds + LONGEST_PAUSE
        end = time.monotonic() + longest
        while time.monotonic() < end:
            with suppress(queue.Empty):
                return heard.get(timeout=_LOOK_UP)
            on_text("")
        # Each question has its own deadline; only a resolver that hangs knows none.
        message = f"nothing was heard of the endpoint for {longest:g} s"
        raise EngineAwayError(message)

    def _ask(
        self,
        number: int,
        film: RemoteFilm,
        asked: Asked,
        line: Line,
        heard: "queue.SimpleQueue[_Heard]",
    ) -> None:
        try:
            messages = messages_of(asked, film.url)
            hear = partial(_put, heard, number)
            answer = self.client.complete(messages, self.maximum_new_tokens, hear, line)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that asked
            heard.put((number, error))
        else:
            heard.put((number, answer))


def _put(heard: "queue.SimpleQueue[_Heard]", number: int, piece: str) -> None:
    heard.put((number, piece))
