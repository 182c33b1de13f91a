"""News of the worklist over HTTP, from a real server to clients that follow.

Covered: what is told and what is not, many that follow at once, the end of a session, a database
that is away. What counts as a change is in tests/db/test_worklist_watch.py, what a page makes of it
in tests/browser/test_worklist.py.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from core.accounts import AccountRole, SignInWay
from core.errors import DatabaseAwayError
from core.labels import Label
from db.accounts import add_account
from db.models import Account, SignIn
from db.sign_ins import begin_sign_in, end_sign_in, lock_sign_in
from tests.db.builders import film, read_next, reading
from tests.waiting import wait_until
from tests.web.room import Room
from tests.web.served import served
from web.access.sessions import COOKIE
from web.worklist import live as module


class Follower:
    """Somebody who follows over one connection.

    Parameters
    ----------
    address
        Of the server.
    token
        Of the session.
    """

    def __init__(self, address: str, token: str) -> None:
        place = urlsplit(address)
        self._connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
        self._connection.request("GET", "/worklist/live", headers={"cookie": f"{COOKIE}={token}"})
        self._answer = self._connection.getresponse()
        self.status = self._answer.status
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def told(self, name: str) -> list[dict[str, Any]]:
        """Give what events of a name said."""
        return [values for event, values in self.events if event == name]

    def studies(self) -> set[str]:
        """Give the studies of which there were news."""
        return {one["uid"] for news in self.told("news") for one in news.get("studies", ())}

    def leave(self) -> None:
        """Follow no longer."""
        if self._connection.sock is not None:
            self._connection.sock.shutdown(2)
        self._thread.join(10)
        self._connection.close()

    def _read(self) -> None:
        name = ""
        for line in self._lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                self.events.append((name, json.loads(line.removeprefix("data: "))))
        self.ended.set()

    def _lines(self) -> Iterator[str]:
        try:
            for line in self._answer:
                yield line.decode().rstrip("\n")
        except (OSError, ValueError):
            return  # it left


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other at once."""
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(module, "_REST_SECONDS", 0.02)


def sign_in(room: Room, name: str = "dora") -> str:
    with room.db.write() as session:
        account = session.scalars(select(Account).where(Account.name == name)).one_or_none()
        if account is None:
            roles = [AccountRole.RADIOLOGIST]
            account = add_account(session, name, person=f"{name}^Dr", roles=roles)
        return begin_sign_in(session, account, SignInWay.PASSWORD)


@contextmanager
def following(room: Room, number: int = 1) -> Iterator[list[Follower]]:
    """Let some follow a served room, each of whom was greeted."""
    with served(room) as address:
        followers = [Follower(address, sign_in(room, f"dora{one}")) for one in range(number)]
        try:
            wait_until(lambda: all(one.told("hello") for one in followers), what="all greetings")
            yield followers
        finally:
            for one in followers:
                one.leave()


@pytest.mark.usefixtures("quick")
def test_what_changes_is_told_and_whose_it_is_is_not(room: Room) -> None:
    with following(room) as (follower,):
        film(room.db, room.spool)
        read_next(room.db, reading(Label.PNEUMOTHORAX))
        wait_until(lambda: "1.2.3" in follower.studies(), what="the news")

        def last() -> dict[str, Any]:
            told = follower.told("news")
            study: dict[str, Any] = [one for news in told for one in news.get("studies", ())][-1]
            return study

        wait_until(lambda: last()["place"] == "drafts", what="the draft")
        assert last()["mark"].startswith("2-")
        wait_until(lambda: {"drafts": 1, "no_result": 0, "overdue": 0} in counts(follower))
        everything = json.dumps(follower.events)
        assert "DOE" not in everything
        assert "P1" not in everything
        assert "pneumothorax" not in everything


def counts(follower: Follower) -> list[dict[str, int]]:
    return [news["counts"] for news in follower.told("news") if "counts" in news]


@pytest.mark.usefixtures("quick")
def test_each_of_many_is_told(room: Room) -> None:
    with following(room, 12) as followers:
        assert room.application.state.services.live.followers == 12
        before = {one.told("hello")[0]["edition"] for one in followers}
        film(room.db, room.spool)
        wait_until(lambda: all("1.2.3" in one.studies() for one in followers), what="all news")
        editions = {one.told("news")[-1]["edition"] for one in followers}
        assert not editions & before
    wait_until(lambda: room.application.state.services.live.followers == 0, what="the last to go")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("end", ["locked", "signed out", "disabled"])
def test_news_end_with_the_session(room: Room, end: str) -> None:
    with following(room) as (follower,):
        with room.db.write() as session:
            row = session.scalars(select(SignIn)).one()
            if end == "locked":
                lock_sign_in(session, row.id)
            elif end == "signed out":
                end_sign_in(session, row.id, actor="dora")
            else:
                session.get_one(Account, row.account_id).enabled = False
        wait_until(follower.ended.is_set, what="the end")
        assert follower.events[-1] == ("end", {})
        # Nothing that happens afterwards is told.
        assert follower.studies() == set()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("error", [DatabaseAwayError, ZeroDivisionError])
def test_a_database_that_is_away_is_told_and_so_is_its_return(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    live = room.application.state.services.live
    look = live._found

    def away(**_options: bool) -> object:
        message = "away"
        raise error(message)

    with following(room) as (follower,):
        monkeypatch.setattr(live, "_found", away)
        wait_until(lambda: follower.told("away"), what="the word that it is away")
        film(room.db, room.spool)
        monkeypatch.setattr(live, "_found", look)
        wait_until(lambda: follower.told("back"), what="the word that it is back")
        # What happened meanwhile is not told one by one.
        wait_until(lambda: any(news["everything"] for news in follower.told("news")))


def test_silence_is_broken_from_time_to_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BEAT_SECONDS", 0.05)
    lines: list[str] = []
    read = Follower._lines

    def noted(follower: Follower) -> Iterator[str]:
        for line in read(follower):
            lines.append(line)
            yield line

    monkeypatch.setattr(Follower, "_lines", noted)
    with following(room):
        wait_until(lambda: lines.count(": still here") > 2, what="signs of life")


def test_strangers_get_no_news(room: Room) -> None:
    with served(room) as address:
        follower = Follower(address, "no session")
        follower.leave()
    assert follower.status == 303
    assert follower.events == []
