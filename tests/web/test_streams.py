"""Streams of news to one person's session: so many, and no more; over real connections."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from db.sign_ins import SignInLimits, goes_on
from tests.waiting import wait_until
from tests.web.room import Room
from tests.web.served import served
from tests.web.talk import CALLS, asked, read_film
from web import streams
from web.access.sessions import COOKIE
from web.worklist import live


def _ask(stack: ExitStack, address: str, path: str, token: str) -> socket.socket:
    """Ask for a stream, and wait until it begins."""
    place = urlsplit(address)
    one = socket.create_connection((place.hostname or "", place.port or 0), 10.0)
    stack.enter_context(one)
    one.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={token}\r\n\r\n".encode()
    )
    assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
    return one


def _ends(one: socket.socket) -> bool:
    """Tell whether a stream has come to its regular end; what came is thrown away."""
    one.settimeout(0.01)
    try:
        return one.recv(1 << 16).endswith(b"0\r\n\r\n")
    except TimeoutError:
        return False


@pytest.mark.parametrize("path", ["/worklist/live", "of an answer"])
def test_the_oldest_of_a_session_ends_where_one_too_many_is_asked_for(
    room: Room, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(streams, "MOST_STREAMS", 2)
    person, other = (room.visitor(AccountRole.RADIOLOGIST) for _ in range(2))
    if path == "of an answer":
        read_film(room)
        path = f"{CALLS}/turns/{asked(person)}/events"
    token = person.cookies[COOKIE]
    with served(room) as address, ExitStack() as stack:
        elsewhere = _ask(stack, address, path, other.cookies[COOKIE])
        first, second, third = (_ask(stack, address, path, token) for _ in range(3))
        wait_until(lambda: _ends(first), what="the end of the oldest")
        assert not any(map(_ends, (elsewhere, second, third)))
        _ask(stack, address, path, token)
        wait_until(lambda: _ends(second), what="the end of the next")


def test_each_session_is_asked_after_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def counted(session: Session, sign_in_id: int, limits: SignInLimits) -> bool:
        looked.append(sign_in_id)
        return goes_on(session, sign_in_id, limits)

    monkeypatch.setattr(live, "goes_on", counted)
    services = room.application.state.services
    with served(room) as address, ExitStack() as stack:
        for token in [room.visitor(AccountRole.RADIOLOGIST).cookies[COOKIE] for _ in range(2)]:
            for _ in range(4):
                _ask(stack, address, "/worklist/live", token)
        looked.clear()
        services.live._end_strangers()
        assert len(set(looked)) == 2
        assert len(looked) == 2
