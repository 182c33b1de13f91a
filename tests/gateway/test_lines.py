"""Lines to a peer: several at once, kept open between results, closed at quiet hours.

Covered over real associations, on SQLite: order within a study, urgent studies first, peers that
close idle lines, peers that are away, and objects that a peer cannot store. Not covered: kill -9
and two deliverers (tests/integration/test_delivery.py).
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from sqlalchemy import update
from structlog.testing import capture_logs

from core.clock import now
from core.states import DeliveryState, SendingMode
from core.triage import Tier
from db.models import Study
from db.sending_modes import set_mode
from gateway.contexts import RESULT_CLASSES
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, deliveries, read_film, running
from tests.waiting import wait_until

SENT, WAITING = DeliveryState.SENT, DeliveryState.WAITING


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house") as opened:
        yield opened


def read_films(house: House, count: int) -> list[Dataset]:
    return [read_film(house.db, house.spool, seed=seed)[0] for seed in range(count)]


def put_into(house: House, mode: SendingMode) -> None:
    with house.db.write() as session:
        set_mode(session, "pacs", mode, actor="alice")


class Gate:
    """An answer that comes once so many objects are on their way at once."""

    def __init__(self, together: int) -> None:
        self.most = 0
        self._together = together
        self._under_way = 0
        self._lock = threading.Lock()
        self._open = threading.Event()

    def answer(self, _event: evt.Event) -> int:
        """Answer success."""
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            if self._under_way == self._together:
                self._open.set()
        self._open.wait(4.0)
        with self._lock:
            self._under_way -= 1
        return 0


def test_studies_go_over_several_lines_and_each_in_its_order(house: House) -> None:
    gate = Gate(3)
    with ResultPeer(gate.answer) as pacs:
        house.peer("pacs", pacs.port, lines=3)
        put_into(house, SendingMode.PAUSE)
        read_films(house, 3)
        with running(house.settings, house.db, house.spool):
            house.wait_for(9, WAITING)
            put_into(house, SendingMode.SEND)
            house.wait_for(9, SENT)
    assert gate.most == 3
    assert pacs.opened == 3
    assert_in_order(house, pacs)


def assert_in_order(house: House, pacs: ResultPeer) -> None:
    """Each study's objects came once, in the order in which they were made."""
    came = {uid: place for place, uid in enumerate(pacs.tried)}
    assert len(came) == len(pacs.tried)
    made: dict[int, list[int]] = {}
    for delivery in deliveries(house.db):
        made.setdefault(delivery.result.study_id, []).append(came[delivery.result.uid])
    for places in made.values():
        assert all(earlier < later for earlier, later in pairwise(places))


@pytest.mark.slow
def test_no_more_lines_than_the_peer_allows(house: House) -> None:
    gate = Gate(2)
    with ResultPeer(gate.answer) as pacs:
        house.peer("pacs", pacs.port, lines=2)
        with running(house.settings, house.db, house.spool):
            read_films(house, 5)
            house.wait_for(15, SENT)
    assert gate.most == pacs.opened == 2
    assert_in_order(house, pacs)


def test_a_line_serves_the_next_results_whatever_their_class(house: House) -> None:
    with ResultPeer() as pacs:
        house.peer("pacs", pacs.port)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, SENT)
            read_film(house.db, house.spool)
            house.wait_for(6, SENT)
    assert pacs.opened == 1


@pytest.mark.slow
@pytest.mark.parametrize("linger", [0.0, 0.2])
def test_a_line_is_closed_when_nothing_waits_for_long(tmp_path: Path, linger: float) -> None:
    with delivering_house(tmp_path) as plain, ResultPeer() as pacs:
        delivery = plain.settings.delivery.model_copy(update={"linger_seconds": linger})
        settings = plain.settings.model_copy(update={"delivery": delivery})
        plain.peer("pacs", pacs.port)
        with running(settings, plain.db, plain.spool):
            read_film(plain.db, plain.spool)
            plain.wait_for(3, SENT)
            wait_until(lambda: plain.row("pacs").busy_worker is None, 10.0, "the line to be closed")
            read_film(plain.db, plain.spool)
            plain.wait_for(6, SENT)
    assert pacs.opened == 2


def test_a_peer_that_closes_idle_lines_is_no_failure(house: House) -> None:
    with ResultPeer() as pacs:
        house.peer("pacs", pacs.port)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, SENT)
            pacs.end_associations()
            read_film(house.db, house.spool)
            house.wait_for(6, SENT)
            assert house.row("pacs").failures == 0
    assert [delivery.attempts for delivery in deliveries(house.db)] == [1] * 6
    assert pacs.opened == 2


def test_a_line_that_ends_with_the_first_object_after_idling_is_no_failure(house: House) -> None:
    def answer(event: evt.Event) -> int:
        if len(pacs.tried) == 4:
            event.assoc.abort()
        return 0

    with ResultPeer(answer) as pacs:
        house.peer("pacs", pacs.port)
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(3, SENT)
            read_film(house.db, house.spool)
            house.wait_for(6, SENT)
            assert house.row("pacs").failures == 0
    assert [delivery.attempts for delivery in deliveries(house.db)] == [1] * 6
    assert (pacs.opened, len(pacs.tried), len(set(pacs.tried))) == (2, 7, 6)


def test_urgent_studies_go_first(house: House) -> None:
    with ResultPeer() as pacs:
        house.peer("pacs", pacs.port)
        put_into(house, SendingMode.PAUSE)
        _routine, urgent = read_films(house, 2)
        with house.db.write() as session:
            this = Study.uid == urgent.StudyInstanceUID
            session.execute(update(Study).where(this).values(tier=Tier.URGENT))
        with running(house.settings, house.db, house.spool):
            house.wait_for(6, WAITING)
            put_into(house, SendingMode.SEND)
            house.wait_for(6, SENT)
    assert {one.StudyInstanceUID for one in pacs.stored[:3]} == {urgent.StudyInstanceUID}


def test_a_peer_that_is_away_is_called_once_for_all_its_lines(house: House) -> None:
    down = ResultPeer()
    house.peer("down", down.port, lines=4)
    read_films(house, 4)
    with running(house.settings, house.db, house.spool):
        wait_until(lambda: house.row("down").failures >= 1, 20.0, "the first attempt")
        row = house.row("down")
        assert row.next_attempt_at is not None
        assert row.next_attempt_at - now() <= timedelta(seconds=1)
        with down:
            house.wait_for(12, SENT)
    assert house.row("down").failures == 0
    assert_in_order(house, down)


def test_an_object_that_the_peer_cannot_store_does_not_hold_up_the_others(house: House) -> None:
    poison: list[str] = []

    def answer(event: evt.Event) -> int:
        dataset: Any = event.dataset
        return 0x0110 if dataset.StudyInstanceUID in poison else 0

    with ResultPeer(answer) as pacs:
        house.peer("pacs", pacs.port, lines=2)
        bad, _reading = read_film(house.db, house.spool)
        poison.append(bad.StudyInstanceUID)
        with running(house.settings, house.db, house.spool):
            wait_until(lambda: len(pacs.tried) >= 3, 20.0, "three attempts")
            for seed in range(1, 4):
                read_film(house.db, house.spool, seed=seed)
            house.wait_for(9, SENT)
            poison.clear()
            house.wait_for(12, SENT)


def test_nothing_is_sent_in_quiet_hours(house: House) -> None:
    at = now()
    begin, end = ((at + timedelta(hours=by)).strftime("%H:%M") for by in (-2, 2))
    with ResultPeer() as pacs, ResultPeer() as other:
        house.peer("pacs", pacs.port, quiet_from=begin, quiet_until=end)
        house.peer("other", other.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(3, SENT, peer="other")
            assert len(house.of("pacs", WAITING)) == 3
            assert (pacs.opened, house.row("pacs").failures) == (0, 0)
            house.peer("pacs", pacs.port)
            house.wait_for(3, SENT, peer="pacs")


@pytest.mark.slow
def test_all_that_a_peer_gets_is_proposed_at_once(house: House) -> None:
    with ResultPeer(classes=sorted(RESULT_CLASSES)) as pacs:
        house.peer(
            "pacs",
            pacs.port,
            result_kinds=["findings_sr", "report_sr", "gsps", "key_objects"],
            takes_rejections=True,
        )
        with running(house.settings, house.db, house.spool):
            read_film(house.db, house.spool)
            house.wait_for(4, SENT)
    assert pacs.opened == 1


def test_a_line_that_is_turned_away_leaves_the_others_at_work(house: House) -> None:
    """The archive accepts fewer lines than its row says."""
    gate = threading.Event()

    def answer(_event: evt.Event) -> int:
        gate.wait(4.0)
        return 0

    def turned_away() -> int:
        return sum(log["event"] == "line_turned_away" for log in logs)

    with capture_logs() as logs, ResultPeer(answer, most=1) as pacs:
        house.peer("pacs", pacs.port, lines=3)
        put_into(house, SendingMode.PAUSE)
        read_films(house, 3)
        with running(house.settings, house.db, house.spool):
            house.wait_for(9, WAITING)
            put_into(house, SendingMode.SEND)
            wait_until(turned_away, 20.0, "another line to be turned away")
            gate.set()
            house.wait_for(9, SENT)
        row = house.row("pacs")
        assert (row.failures, row.last_error) == (0, None)
    assert (pacs.opened, turned_away()) == (1, 1)
    assert_in_order(house, pacs)
