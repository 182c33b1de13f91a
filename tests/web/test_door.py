"""Connections that ask for nothing, or never end what they ask, at a served reading room.

Covered: each wait for a client has an end, places go to the newest, and pages go on. The wait for a
TLS handshake, which asyncio ends, is not.
"""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.waiting import wait_until
from tests.web.room import Room
from tests.web.served import served
from web import door
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
