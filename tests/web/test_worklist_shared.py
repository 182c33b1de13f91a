"""What many pages ask for at the same time is made once, and never older than what they know."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from core.places import Place
from tests.db.builders import film
from tests.waiting import wait_until
from tests.web.room import Room
from web.worklist import shared
from web.worklist import tally as tallying
from web.worklist.shared import SharedLists
from web.worklist.tally import Tally


class Maker:
    """Makes another list each time."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> str:
        """Give one."""
        self.made += 1
        return f"list {self.made}"


def test_a_list_is_made_once_for_an_edition() -> None:
    lists, make = SharedLists(), Maker()
    assert lists.get("drafts", "a-3", "a-3", make) == "list 1"
    assert lists.get("drafts", "a-3", "a-3", make) == "list 1"
    # Who knows of less gets it, too; who knows of more does not.
    assert lists.get("drafts", "a-2", "a-3", make) == "list 1"
    assert lists.get("drafts", "a-4", "a-4", make) == "list 2"
    assert lists.get("done", "a-4", "a-4", make) == "list 3"


@pytest.mark.parametrize("asked", ["", "b-1", "a-", "a-x", "a", "-1", "a-²"])
def test_what_is_no_edition_of_this_process_gets_a_new_list(asked: str) -> None:
    lists, make = SharedLists(), Maker()
    lists.get("drafts", "a-3", "a-3", make)
    assert lists.get("drafts", asked, "a-3", make) == "list 2"


def test_a_list_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    lists, make = SharedLists(), Maker()
    lists.get("drafts", "a-3", "a-3", make)
    monkeypatch.setattr(shared, "_GOOD_SECONDS", 0.0)
    assert lists.get("drafts", "a-3", "a-3", make) == "list 2"


def test_few_lists_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_MOST", 2)
    lists, make = SharedLists(), Maker()
    for key in ("1", "2", "3", "1"):
        lists.get(key, "a-1", "a-1", make)
    assert make.made == 4


def test_those_who_ask_at_once_wait_for_one() -> None:
    lists, begun, go_on = SharedLists(), threading.Event(), threading.Event()
    found: list[str] = []
    make = Maker()

    def slowly() -> str:
        begun.set()
        go_on.wait(10)
        return make()

    def ask() -> None:
        found.append(lists.get("drafts", "a-1", "a-1", slowly))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    threads[0].start()
    begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert found == ["list 1"] * 8


def test_a_list_that_could_not_be_made_is_made_again() -> None:
    lists, make = SharedLists(), Maker()

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the one above
        lists.get("drafts", "a-1", "a-1", fail)
    assert lists.get("drafts", "a-1", "a-1", make) == "list 1"
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        lists.get("drafts", "a-2", "a-2", fail)
    assert lists.get("drafts", "a-2", "a-2", make) == "list 2"


def test_numbers_are_counted_anew_after_a_moment(room: Room) -> None:
    tally = Tally(room.db, timedelta(hours=1))
    assert tally.counts().of(Place.NO_RESULT) == 0
    film(room.db, room.spool)
    wait_until(lambda: tally.counts().of(Place.NO_RESULT) == 1)


def test_numbers_are_counted_once_for_all_who_wait(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long it takes until the last one asks.
    monkeypatch.setattr(tallying, "_SHARE", 10**6)
    monkeypatch.setattr(tallying, "_LONGEST_SECONDS", 10**6)
    tally = Tally(room.db, timedelta(hours=1))
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    event.listen(room.db._engine, "before_cursor_execute", note)
    with tally._lock:
        threads = [threading.Thread(target=tally.counts) for _ in range(8)]
        for thread in threads:
            thread.start()
        # Until then nobody has the numbers.
        assert statements == []
    for thread in threads:
        thread.join()
    assert sum("count(*)" in statement for statement in statements) == 3
