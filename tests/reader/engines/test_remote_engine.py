"""Many questions at once over an endpoint: the limit, one that fails, a listener that leaves."""

import json
import socket
import threading
import time
from typing import Any

import pytest
from PIL import Image

from core.errors import EngineAwayError, RefusedByEngineError
from reader.answers import Answer
from reader.engines import remote
from reader.engines.film import Asked
from reader.engines.prompt import Prompt
from reader.engines.remote import RemoteEngine
from reader.engines.remote_client import RemoteClient
from reader.engines.remote_options import RemoteOptions
from reader.protocol import ignore
from tests.reader.engines.endpoints import WELL, endpoint, hangs, piece, says
from tests.waiting import wait_until


def _asked(question: str) -> Asked:
    return Asked((), question, Prompt("", ""))


def _engine(url: str, **options: Any) -> RemoteEngine:
    return RemoteEngine(RemoteClient(RemoteOptions(url, "m", "radvlm", **options)), 50)


def test_no_more_questions_are_under_way_than_allowed() -> None:
    lock = threading.Lock()
    now, most = 0, 0

    def slow(connection: socket.socket) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.05)
        with lock:
            now -= 1
        WELL(connection)

    with endpoint(slow) as served:
        engine = _engine(served.url, concurrency=2)
        film = engine.film(Image.new("RGB", (4, 4)))
        answers = dict(engine.answers([(film, _asked(str(n))) for n in range(7)], ignore))
    assert answers == {n: Answer("All clear.", complete=True) for n in range(7)}
    assert most == 2


def test_one_failure_gives_the_other_questions_up() -> None:
    with endpoint(hangs, says("400 No")) as served:
        engine = _engine(served.url, concurrency=2)
        film = engine.film(Image.new("RGB", (4, 4)))
        start = time.monotonic()
        with pytest.raises(RefusedByEngineError):
            list(engine.answers([(film, _asked("a")), (film, _asked("b"))], ignore))
        # The one that hangs is cut: its thread is free for the next question.
        wait_until(engine._threads._work_queue.empty, 5, "the queue to be empty")
    assert time.monotonic() - start < 10


class _StopError(Exception):
    """A watcher ends the reading."""


def test_a_listener_can_end_a_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_LOOK_UP", 0.05)
    beats: list[str] = []

    def stop(text: str) -> None:
        beats.append(text)
        if len(beats) > 2:
            raise _StopError

    with endpoint(hangs) as served:
        engine = _engine(served.url)
        film = engine.film(Image.new("RGB", (4, 4)))
        start = time.monotonic()
        with pytest.raises(_StopError):
            list(engine.answers([(film, _asked("a"))], stop))
    assert time.monotonic() - start < 10
    assert set(beats) == {""}


def test_a_resolver_that_hangs_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_LOOK_UP", 0.05)
    monkeypatch.setattr(remote, "LONGEST_PAUSE", 0.1)
    awake = threading.Event()

    def hang(*_rest: Any, **_values: Any) -> None:
        awake.wait(20)

    monkeypatch.setattr(RemoteClient, "complete", hang)
    engine = _engine("http://127.0.0.1:1", timeout_seconds=0.1)
    film = engine.film(Image.new("RGB", (4, 4)))
    with pytest.raises(EngineAwayError, match="nothing was heard"):
        list(engine.answers([(film, _asked("a"))], ignore))
    awake.set()


def test_a_listener_that_ends_the_reading_ends_the_connection() -> None:
    gone = threading.Event()

    def endless(connection: socket.socket) -> None:
        says("200 OK", "Content-Type: text/event-stream")(connection)
        try:
            while True:
                connection.sendall(b"data: " + json.dumps(piece("x")).encode() + b"\n")
                threading.Event().wait(0.01)
        except OSError:
            gone.set()

    def stop(text: str) -> None:
        if text:
            raise _StopError

    with endpoint(endless) as served:
        engine = _engine(served.url)
        film = engine.film(Image.new("RGB", (4, 4)))
        with pytest.raises(_StopError):
            list(engine.answers([(film, _asked("a"))], stop))
        assert gone.wait(10)
