"""Hostile, broken and busy endpoints: what is tried again, what is not, and what ends it all.

Covered: time-outs, cuts, endless and malformed answers, and that an error's words never hold the
endpoint's. Where a connection may go is in `test_remote_address`, many questions at once are in
`test_remote_engine`; a real model behind a real server is in `test_remote_served`.
"""

import json
import socket
import time
from pathlib import Path

import pytest

from core.errors import EngineAnswerError, EngineAwayError, FirstReadError, RefusedByEngineError
from reader.answers import Answer
from reader.engines import remote_client
from reader.engines.remote_client import RemoteClient
from reader.engines.remote_options import RemoteOptions
from reader.remote_reader import UNVERIFIED, load_remote_reader
from tests.reader.engines.endpoints import (
    QUESTION,
    WELL,
    WORDS,
    Act,
    ask,
    drips,
    endpoint,
    hangs,
    piece,
    resets,
    says,
    streams,
)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_client, "_FIRST_PAUSE", 0.01)


def test_an_answer_is_put_together_and_told_piece_by_piece() -> None:
    heard: list[str] = []
    with endpoint(WELL) as served:
        assert ask(served.url, heard.append) == Answer("All clear.", complete=True)
    assert heard == ["", "All ", "clear."]
    head, _, body = served.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert b"Authorization" not in head
    assert json.loads(body) == {
        "model": "m",
        "messages": QUESTION,
        "max_tokens": 50,
        "temperature": 0,
        "stream": True,
    }


def test_a_cut_answer_is_not_complete() -> None:
    with endpoint(streams(piece("All"), piece(None, "length"))) as served:
        assert ask(served.url) == Answer("All", complete=False)


def test_events_without_words_and_comments_are_passed_over() -> None:
    odd = streams(b"\n: ping\nevent: x", {"choices": []}, {"choices": [{"delta": None}]})

    def act(connection: socket.socket) -> None:
        odd(connection)
        connection.sendall(b"data: " + json.dumps(piece("Clear", "stop")).encode() + b"\n")

    with endpoint(streams({"choices": []}, piece("Clear", "stop"))) as served:
        assert ask(served.url).text == "Clear"
    with pytest.raises(EngineAnswerError), endpoint(act) as served:
        ask(served.url)


@pytest.mark.parametrize(
    "first",
    [
        says("429 Busy", "Retry-After: 0"),
        says("429 Busy", "Retry-After: soon"),
        says("502 Bad Gateway"),
        says("503 Busy", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"),
        says("504 Gateway Timeout"),
        says("500 Internal Server Error", body=b"oops"),
        resets,
        lambda _connection: None,
        says("not HTTP"),
        streams(),
    ],
    ids=["429", "odd pause", "502", "503", "504", "500", "reset", "closed", "no http", "no event"],
)
def test_what_may_pass_is_tried_again(first: Act) -> None:
    with endpoint(first, first, WELL) as served:
        assert ask(served.url, retries=2).text == "All clear."
    assert len(served.requests) == 3


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (says("503 Busy"), EngineAwayError),
        (resets, EngineAwayError),
        (says("500 Broken"), EngineAnswerError),
    ],
)
def test_it_is_not_tried_for_ever(act: Act, kind: type[FirstReadError]) -> None:
    with endpoint(act) as served, pytest.raises(kind):
        ask(served.url, retries=2)
    assert len(served.requests) == 3


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (says("400 Bad Request", body=WORDS.encode()), RefusedByEngineError, "refuses this"),
        (says("413 Too Large"), RefusedByEngineError, "413"),
        (says("422 No"), RefusedByEngineError, "422"),
        (says("401 No"), EngineAwayError, "does not accept the key"),
        (says("403 No"), EngineAwayError, "does not let"),
        (says("404 No"), EngineAwayError, "no such model"),
        (says("204 Nothing"), EngineAnswerError, "204"),
        (says("200 OK", "Content-Type: text/html", body=b"<p>"), EngineAnswerError, "no stream"),
        (streams(b"{"), EngineAnswerError, "no JSON"),
        (streams(b"[" * 100_000), EngineAnswerError, "no JSON"),
        (streams(b"[]"), EngineAnswerError, "no JSON object"),
        (streams({"id": 1}), EngineAnswerError, "no choices"),
        (streams({"choices": ["x"]}), EngineAnswerError, "choice"),
        (streams(piece(["x"])), EngineAnswerError, "no text"),
        (streams(piece("x", "content_filter")), EngineAnswerError, "reason"),
        (streams(piece("x", ["stop"])), EngineAnswerError, "reason"),
        (streams({"error": {"message": WORDS}}), EngineAnswerError, "error"),
        (streams(*[piece("x" * 50_000)] * 200), EngineAnswerError, "longer than"),
        (streams(b"x" * 10_000_000), EngineAnswerError, "longer than"),
    ],
)
def test_what_cannot_pass_is_told_at_once(act: Act, kind: type[FirstReadError], words: str) -> None:
    with endpoint(act) as served, pytest.raises(kind, match=words) as caught:
        ask(served.url)
    assert len(served.requests) == 1
    assert "Erika" not in str(caught.value)


def test_an_answer_that_was_heard_in_part_is_not_asked_for_again() -> None:
    with endpoint(streams(piece("All "))) as served, pytest.raises(EngineAwayError):
        ask(served.url)
    assert len(served.requests) == 1


def test_lone_surrogates_do_not_come_through() -> None:
    with endpoint(
        streams(b'{"choices":[{"delta":{"content":"a\\ud800b"}}]}', piece("", "stop"))
    ) as s:
        assert ask(s.url).text == "a?b"


@pytest.mark.parametrize("act", [hangs, drips])
def test_a_time_out_covers_the_whole_answer(act: Act) -> None:
    start = time.monotonic()
    with endpoint(act) as served, pytest.raises(EngineAwayError, match=r"within 0\.3 s"):
        ask(served.url, timeout_seconds=0.3)
    assert time.monotonic() - start < 10
    assert len(served.requests) == 1


def test_nobody_there_is_away() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(EngineAwayError, match="cannot be reached"):
            ask(url, retries=1)


def test_certificates_that_can_no_longer_be_used_are_no_films_fault(tmp_path: Path) -> None:
    garbage = tmp_path / "ca.pem"
    garbage.write_text("no certificate")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(EngineAwayError, match=r"ca\.pem cannot be used"):
            ask(url, ca_file=garbage, timeout_seconds=5)


@pytest.mark.parametrize("data", [5, True, "x", {"id": "m"}, 0.5])
def test_a_list_of_models_that_is_none_is_no_answer(data: object) -> None:
    listed = says(
        "200 OK", "Content-Type: application/json", body=json.dumps({"data": data}).encode()
    )
    with endpoint(listed) as served, pytest.raises(EngineAnswerError, match="is no list"):
        RemoteClient(RemoteOptions(url=served.url, model="m", family="radvlm")).models()


@pytest.mark.parametrize(
    ("root", "version"),
    [
        ("/models/radvlm", "/models/radvlm"),
        ("a\ud800b\x00\x1b[31m\nc", "a?b[31m c"),
        ({"x": 1}, "version unknown"),
        ("\x00", "version unknown"),
    ],
)
def test_what_a_list_says_of_the_weights_is_plain_text(root: object, version: str) -> None:
    listed = {"data": [None, 5, {"id": "m", "root": root}]}
    body = json.dumps(listed).encode()
    with endpoint(says("200 OK", "Content-Type: application/json", body=body)) as served:
        identity = load_remote_reader(
            RemoteOptions(url=served.url, model="m", family="radvlm")
        ).identity
    assert identity.version == f"{version} (remote, {UNVERIFIED})"
