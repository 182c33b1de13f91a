"""From the stream of an OpenAI-compatible endpoint to a model's answer; nothing of it is trusted.

Server-sent events: one JSON object behind `data:` on a line, `[DONE]` at the end (the API
reference of OpenAI, "Streaming", as vLLM and `transformers serve` write it).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NoReturn

from core.errors import EngineAnswerError
from reader.answers import Answer

_MOST_BYTES: Final = 1 << 22
"""Of one answer: 1,500 tokens with 300 bytes of JSON around each are a ninth of it."""
_MARK: Final = b"data:"
_DONE: Final = b"[DONE]"
_COMPLETE: Final = {"stop": True, "length": False}


class BrokenOffError(Exception):
    """The stream ended before the answer did."""


def spoken(pieces: Iterable[bytes], on_text: Callable[[str], None]) -> Answer:
    """Put an answer together.

    Parameters
    ----------
    pieces
        The body as it comes, cut anywhere.
    on_text
        Called with each new piece of the text.

    Raises
    ------
    BrokenOffError
        If the stream ends without saying why the model stopped.
    EngineAnswerError
        If it is no such stream, tells of an error, or is far too long. The text never holds the
        endpoint's words, which may repeat what was asked.
    """
    text: list[str] = []
    for event in _events(pieces):
        if event.get("error") is not None:
            _refuse("tells of an error in the middle of it")
        choice = _first_choice(event)
        if choice is None:
            continue
        said = _said(choice)
        if said:
            text.append(said)
            on_text(said)
        reason = choice.get("finish_reason")
        if reason is not None:
            if not isinstance(reason, str) or reason not in _COMPLETE:
                _refuse("ends for a reason that is not known here")
            return Answer("".join(text), _COMPLETE[reason])
    raise BrokenOffError


def _events(pieces: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    rest, total = b"", 0
    for piece in pieces:
        total += len(piece)
        if total > _MOST_BYTES:
            _refuse(f"is longer than {_MOST_BYTES} bytes")
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if not line.startswith(_MARK):
                continue  # a comment that keeps the line open, or the blank between two events
            data = line.removeprefix(_MARK).strip()
            if data == _DONE:
                return
            yield _object(data)


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        _refuse("holds what is no JSON")
    if not isinstance(event, dict):
        _refuse("holds what is no JSON object")
    return event


def _first_choice(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = event.get("choices")
    if not isinstance(choices, list):
        _refuse("has no choices")
    if not choices:
        return None  # figures of use come in an event of their own
    if not isinstance(choices[0], dict):
        _refuse("has a choice that is none")
    return choices[0]


def _said(choice: Mapping[str, Any]) -> str:
    delta = choice.get("delta")
    said = delta.get("content") if isinstance(delta, dict) else None
    if said is None:
        return ""
    if not isinstance(said, str):
        _refuse("has words that are no text")
    # JSON may hold lone surrogates, which no file and no database takes.
    return said.encode("utf-8", "replace").decode("utf-8")


def _refuse(why: str) -> NoReturn:
    message = f"the endpoint's answer {why}"
    raise EngineAnswerError(message)
