"""An answer is followed while it is written, through the whole of the application and a socket.

The streams are asked for over HTTP; only a database that is away is shown to the stream itself.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
import uvicorn
from sqlalchemy import update

from core.accounts import AccountRole
from core.clock import now
from core.errors import DatabaseAwayError
from db.chat_answers import begin_anew, write_piece
from db.models import SignIn, WorkerRow
from tests.db.builders import model
from tests.waiting import wait_until
from tests.web.room import HOST, Room
from tests.web.talk import CALLS, answer, asked, begun, read_film
from web.access.sessions import COOKIE
from web.access.who import Who
from web.chat import follow as following

RADIOLOGIST = AccountRole.RADIOLOGIST
Event = tuple[str, str, dict[str, Any]]


@pytest.fixture
def talk(room: Room) -> Room:
    """A room with a film that may be asked about."""
    read_film(room)
    return room


@contextmanager
def _served(room: Room) -> Iterator[int]:
    """Serve the room on a free port of this machine; give the port."""
    config = uvicorn.Config(room.application, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the server")
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10.0)


def _events(text: str) -> list[Event]:
    """Give number, name and values of each event of a stream."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in lines:
            found.append((lines.get("id", ""), lines["event"], json.loads(lines["data"])))
    return found


def _told(text: str) -> list[tuple[str, str]]:
    return [(name, values["text"]) for _, name, values in _events(text) if name != "waiting"]


def test_a_whole_answer_is_told_from_its_beginning(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    answer(talk, turn, "Yes.\n\nevent: end\ndata: {}")
    stream = client.get(f"{CALLS}/turns/{turn}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert stream.text.startswith("retry: ")
    assert _told(stream.text) == [
        ("begin", ""),
        ("text", "Yes.\n\nevent: end\ndata: {}"),
        ("end", ""),
    ]


def test_a_page_that_was_away_hears_what_it_missed(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    answer(talk, turn, "Yes.")
    address = f"{CALLS}/turns/{turn}/events"
    [(first, _, _), *_] = _events(client.get(address).text)
    again = client.get(address, headers={"last-event-id": first})
    assert _told(again.text) == [("text", "Yes."), ("end", "")]
    nothing = client.get(address, headers={"last-event-id": "9" * 40})
    assert (nothing.status_code, _events(nothing.text)) == (200, [])


def test_a_question_that_was_called_off_ends_the_stream(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    client.post(f"{CALLS}/turns/{turn}/cancel")
    assert _told(client.get(f"{CALLS}/turns/{turn}/events").text) == [("cancelled", "")]


def test_words_arrive_while_they_are_written(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    with talk.db.write() as session:
        session.add(WorkerRow(name="w", pid=1))
    cookie = f"{COOKIE}={client.cookies.get(COOKIE)}"
    with _served(talk) as port:
        line = HTTPConnection("127.0.0.1", port, timeout=20.0)
        line.request(
            "GET", f"{CALLS}/turns/{turn}/events", headers={"Cookie": cookie, "Host": HOST}
        )
        stream = line.getresponse()
        assert stream.status == 200

        def next_event() -> tuple[str, dict[str, Any]]:
            block = b""
            while not block.endswith(b"\n\n"):
                block += stream.readline()
            events = _events(block.decode())
            return (events[0][1], events[0][2]) if events else next_event()

        assert next_event() == ("waiting", {"ahead": 0, "worker": True})
        held = begun(talk)
        assert next_event() == ("begin", {"text": ""})
        write_piece(talk.db, held, turn, "Ye", model().uid)
        assert next_event() == ("text", {"text": "Ye"})
        begin_anew(talk.db, held, turn)
        assert next_event() == ("begin", {"text": ""})
        client.post(f"{CALLS}/turns/{turn}/cancel")
        assert next_event() == ("cancelled", {"text": ""})
        assert stream.read() == b""
        line.close()


def _follow(talk: Room, turn: int, who: Who) -> list[str]:
    async def heard() -> list[str]:
        services = talk.application.state.services
        return [piece async for piece in following.follow(services, who, turn, 0)]

    # A thread of its own: in this one the loop of another test's browser may be running.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, heard()).result()


def _program() -> Who:
    return Who(1, "p", "P", frozenset({RADIOLOGIST}), None, now(), "")


def test_the_stream_ends_with_the_session(talk: Room) -> None:
    turn = asked(talk.visitor(RADIOLOGIST))
    with talk.db.write() as session:
        session.execute(update(SignIn).values(locked_at=now()))
        sign_in = session.query(SignIn).one().id
    locked = Who(1, "p", "P", frozenset({RADIOLOGIST}), sign_in, now(), "")
    assert _follow(talk, turn, locked) == [f"retry: {following.RETRY_MILLISECONDS}\n\n"]


def test_the_stream_outlives_a_database_that_is_away(
    talk: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = asked(talk.visitor(RADIOLOGIST))
    answer(talk, turn, "Yes.")
    read, away = talk.db.read, [True]

    def refuse() -> object:
        if away:
            away.pop()
            message = "away"
            raise DatabaseAwayError(message)
        return read()

    monkeypatch.setattr(talk.db, "read", refuse)
    monkeypatch.setattr(following, "_TELL_SECONDS", 0.01)
    [_, first, *_, last] = _follow(talk, turn, _program())
    assert _events(first) == [("", "waiting", {"away": True})]
    assert "event: end" in last


def test_a_connection_does_not_last_for_ever(talk: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = asked(talk.visitor(RADIOLOGIST))
    monkeypatch.setattr(following, "_LONGEST_SECONDS", 0.2)
    heard = _follow(talk, turn, _program())
    assert _events("".join(heard)) == [("", "waiting", {"ahead": 0, "worker": False})]
