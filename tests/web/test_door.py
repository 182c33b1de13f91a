"""Connections that ask for nothing, or never end what they ask, at a served reading room.

Covered: each wait for a client has an end, places go to the newest, all bodies together have a
limit, and pages go on. The wait for a TLS handshake, which asyncio ends, is not.
"""

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from tests.waiting import wait_until
from tests.web.room import Room
from tests.web.served import served
from web import door
from web.access import doorway
from web.door import RoomProtocol, Stage

GET = b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nname="


@contextmanager
def _connected(port: int, number: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connect so often, and say something each time."""
    with ExitStack() as open_ones:
        found = []
        for _ in range(number):
            one = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), 10.0))
            one.sendall(said)
            found.append(one)
        yield found


@contextmanager
def _port_of(room: Room) -> Iterator[int]:
    with served(room) as address:
        yield urlsplit(address).port or 0


def _is_cut(one: socket.socket) -> bool:
    """Tell whether nothing more will come; what came is thrown away."""
    one.settimeout(0.01)
    try:
        while one.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


def _status(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10.0)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        (b"", Stage.HEAD),
        (GET + b"X: ", Stage.HEAD),
        (POST, Stage.BODY),
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_request_that_never_ends_is_cut(
    room: Room, monkeypatch: pytest.MonkeyPatch, said: bytes, stage: Stage
) -> None:
    monkeypatch.setattr(RoomProtocol, "limits", {stage: 0.1})
    with _port_of(room) as port, _connected(port, 1, said) as (one,):
        wait_until(lambda: _is_cut(one), what="the end of the connection")
        assert _status(port) == 200


def test_a_second_request_that_never_ends_is_cut(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RoomProtocol, "limits", {Stage.HEAD: 0.1})
    with _port_of(room) as port, _connected(port, 1, GET + b"\r\n") as (one,):
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        one.sendall(GET)
        wait_until(lambda: _is_cut(one), what="the end of the connection")


def test_who_takes_no_answers_is_cut(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RoomProtocol, "limits", {Stage.TAKING: 0.1})
    with _port_of(room) as port, socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(5.0)
        one.connect(("127.0.0.1", port))
        # Until everything in between is full, and then it is cut.
        with pytest.raises(ConnectionError):
            one.sendall((GET + b"\r\n") * 100_000)


@pytest.mark.parametrize("said", [b"", GET + b"X: "], ids=["nothing", "half a head"])
def test_one_address_has_few_silent_connections(
    room: Room, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(RoomProtocol, "most_silent", 3)
    with _port_of(room) as port, _connected(port, 5, said) as (*old, third, second, last):
        wait_until(lambda: all(map(_is_cut, old)), what="the oldest to go")
        assert not any(map(_is_cut, (third, second, last)))


@pytest.mark.parametrize(
    "said", [b"", POST, GET + b"\r\n"], ids=["silent", "half a body", "answered"]
)
def test_where_all_places_are_taken_the_oldest_that_waits_goes(
    room: Room, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(door, "_MOST", 5)
    with _port_of(room) as port, _connected(port, 8, said) as ones:
        wait_until(lambda: sum(map(_is_cut, ones)) >= 3, what="the oldest to go")
        assert not _is_cut(ones[-1])
        assert _status(port) == 200


class _Visit:
    """A request whose body comes in parts, to an application that reads it whole."""

    def __init__(self, lobby: doorway.Doorway) -> None:
        self._parts: asyncio.Queue[Message] = asyncio.Queue()
        self.waits = asyncio.Event()
        self.statuses: list[int] = []
        scope = {"type": "http", "headers": [(b"host", b"127.0.0.1")]}
        self.answer = asyncio.ensure_future(lobby(scope, self._receive, self._send))

    def say(self, size: int, *, more: bool = False) -> None:
        self.waits.clear()
        part = {"type": "http.request", "body": bytes(size), "more_body": more}
        self._parts.put_nowait(part)

    async def _receive(self) -> Message:
        if self._parts.empty():
            self.waits.set()
        return await self._parts.get()

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])


async def _read_whole(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 to a whole body, and 400 to one that broke off, as FastAPI does."""
    try:
        await Request(scope, receive).body()
    except ClientDisconnect:
        await Response(status_code=400)(scope, receive, send)
    else:
        await Response()(scope, receive, send)


async def _status_of(lobby: doorway.Doorway, size: int) -> int:
    visit = _Visit(lobby)
    visit.say(size)
    await visit.answer
    (status,) = visit.statuses
    return status


async def _bodies_at_once() -> None:
    lobby = doorway.Doorway(_read_whole, ())
    held = _Visit(lobby)
    held.say(200_000, more=True)
    await held.waits.wait()
    assert await _status_of(lobby, 200_000) == 503
    assert await _status_of(lobby, 60_000) == 200  # the beginning of any body comes in
    held.say(10_000)
    await held.answer
    assert held.statuses == [200]
    assert await _status_of(lobby, 200_000) == 200  # whoever is answered gives back what he held
    assert await _status_of(lobby, doorway.LONGEST_BODY + 1) == 413


def test_all_bodies_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "_MOST_UNDER_WAY", 200_000)
    monkeypatch.setattr(doorway, "LONGEST_BODY", 220_000)
    asyncio.run(_bodies_at_once())


@pytest.mark.slow
def test_a_flood_of_silent_connections_shuts_nobody_out(room: Room) -> None:
    with _port_of(room) as port, _connected(port, 1500, GET + b"X: "):
        assert [_status(port) for _ in range(3)] == [200] * 3


def test_there_are_fewer_connections_than_descriptors(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (1024, 4096))
    most = door.room_config(room.application).limit_concurrency
    assert most is not None
    assert 500 < most < 1024 - 200


def test_descriptors_are_taken_as_far_as_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda *values: told.append(values))
    door.take_descriptors()
    assert told == [(resource.RLIMIT_NOFILE, (4096, 4096))]
