"""Peers that are asked what they keep, over real associations.

Covered: reports on the same association, archives that accept and lose, refuse, do not offer the
class, are away or never answer; what was asked when the asking process died; two deliverers at
once; that a frozen archive holds up nobody. Not covered: a real archive, which
tests/integration/test_storage_commitment.py has.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select, update

from core.clock import now
from core.commitment_settings import CommitmentSettings
from core.states import CommitmentState, CommitmentWay, DeliveryState
from db.models import Commitment, Delivery, Peer
from gateway.commitment.service import Commitments
from tests.gateway.commitment_peer import Asked, CommitmentPeer, report, result_of
from tests.gateway.committing_house import OBJECTS, asking, request_for, requests, states
from tests.gateway.committing_house import store_results as store_at
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, deliveries, running
from tests.gateway.query_peer import QueryPeer
from tests.waiting import wait_until

SENT, COMMITTED, FAILED = DeliveryState.SENT, DeliveryState.COMMITTED, DeliveryState.FAILED
GONE = 0x0112


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house") as opened:
        yield opened


def store_results(house: House) -> list[Delivery]:
    return store_at(house.settings, house.db, house.spool)


def known(house: House, port: int, *, way: str = "ask", seconds: float = 30.0) -> None:
    house.peer("pacs", port, commitment=way, commitment_seconds=seconds)


def committed(house: House) -> bool:
    return states(house.db) == ["committed"] * OBJECTS


def commits(asked: Asked) -> None:
    """Report on the association of the request, before its answer."""
    status = report(asked.association, result_of(asked.transaction_uid, asked.references))
    assert status == 0


def later(then: Callable[[Asked], None]) -> Callable[[Asked], None]:
    """Report after the answer to the request."""

    def at_once(asked: Asked) -> None:
        threading.Thread(target=then, args=(asked,)).start()

    return at_once


@pytest.mark.parametrize("at_once", [commits, later(commits)], ids=["before", "after"])
def test_a_report_on_the_same_association(house: House, at_once: Callable[[Asked], None]) -> None:
    with CommitmentPeer(at_once=at_once) as pacs:
        known(house, pacs.port)
        store_results(house)
        with asking(house.settings, house.db, linger_seconds=10.0):
            wait_until(lambda: committed(house), what="all results to be committed")
    assert [len(asked.references) for asked in pacs.asked] == [OBJECTS]
    assert pacs.asked[0].transaction_uid == requests(house.db)[0].transaction_uid


def test_an_archive_that_accepts_and_loses_is_found_out(house: House) -> None:
    """It answers success and keeps nothing: what it lost is sent until it fails, in words."""

    def loses(asked: Asked) -> None:
        gone = dict.fromkeys(asked.references, GONE)
        report(asked.association, result_of(asked.transaction_uid, failed=gone))

    with CommitmentPeer(at_once=loses) as pacs:
        known(house, pacs.port)
        store_results(house)
        with (
            running(house.settings, house.db, house.spool),
            asking(house.settings, house.db, maximum_losses=2, linger_seconds=5.0),
        ):
            house.wait_for(OBJECTS, FAILED)
    assert len(set(pacs.stored)) == OBJECTS
    assert all(pacs.stored.count(uid) == 3 for uid in pacs.stored)
    assert {one.lost for one in deliveries(house.db)} == {3}
    assert "stored 3 times, and lost each time" in deliveries(house.db)[0].words


def test_an_archive_that_cannot_find_what_it_stored_is_found_out(house: House) -> None:
    with ResultPeer() as pacs, QueryPeer() as index:
        known(house, pacs.port, way="find", seconds=0.05)
        store_results(house)
        with house.db.write() as session:
            session.execute(update(Peer).values(port=index.port))
        with asking(house.settings, house.db):
            house.wait_for(OBJECTS, DeliveryState.WAITING)
    assert [str(asked.QueryRetrieveLevel) for asked in index.asked] == ["IMAGE"] * OBJECTS
    assert {one.lost for one in deliveries(house.db)} == {1}
    assert "not found by C-FIND" in deliveries(house.db)[0].words


def test_an_answer_to_another_question_is_no_find(house: House) -> None:
    """An archive that ignores the key gives all it has: what is asked for must be among it."""
    other = Dataset()
    other.QueryRetrieveLevel = "IMAGE"
    other.SOPInstanceUID = "1.2.3"
    with ResultPeer() as pacs, QueryPeer(lambda _identifier: [(0xFF00, other)]) as index:
        known(house, pacs.port, way="find", seconds=0.05)
        store_results(house)
        with house.db.write() as session:
            session.execute(update(Peer).values(port=index.port))
        with asking(house.settings, house.db):
            house.wait_for(OBJECTS, DeliveryState.WAITING)


def test_a_query_that_fails_says_nothing_of_the_objects(house: House) -> None:
    failure = Dataset()
    failure.Status, failure.ErrorComment = 0xC001, "DOE^JANE is locked"
    with ResultPeer() as pacs, QueryPeer(lambda _identifier: [(failure, None)]) as index:
        known(house, pacs.port, way="find", seconds=0.05)
        store_results(house)
        with house.db.write() as session:
            session.execute(update(Peer).values(port=index.port))
        with asking(house.settings, house.db):
            wait_until(lambda: house.row("pacs").commitment_error, what="a refusal")
    assert states(house.db) == ["sent"] * OBJECTS
    assert house.row("pacs").commitment_error == "0xC001 Unable to process"


def test_an_archive_without_the_class_is_not_asked_for_ever(house: House) -> None:
    with CommitmentPeer(commits=False) as pacs:
        known(house, pacs.port)
        store_results(house)
        with asking(house.settings, house.db):
            wait_until(lambda: house.row("pacs").commitment_error, what="a refusal")
    row = house.row("pacs")
    assert row.commitment_error is not None
    assert "accepted none of the presentation contexts" in row.commitment_error
    assert row.commitment_at is not None
    assert (row.commitment_at - now()).total_seconds() > 3600 * 23
    assert requests(house.db) == []
    assert states(house.db) == ["sent"] * OBJECTS


@pytest.mark.parametrize(
    ("status", "words", "for_good"),
    [
        (0x0122, "0x0122 Refused: SOP class not supported", True),
        (0x0124, "0x0124 Refused: not authorised", True),
        (0x0110, "0x0110 Processing failure", False),
        (0x0115, "0x0115 Invalid argument value", False),
    ],
)
def test_a_refused_request_is_told_in_words(
    house: House, status: int, words: str, *, for_good: bool
) -> None:
    with CommitmentPeer(take=lambda: status) as pacs:
        known(house, pacs.port)
        store_results(house)
        with asking(house.settings, house.db):
            wait_until(
                lambda: [one.state for one in requests(house.db)] == [CommitmentState.REFUSED],
                what="a refused request",
            )
            wait_until(lambda: (house.row("pacs").commitment_at is not None) is for_good)
    assert requests(house.db)[0].words == words
    assert {one.asks for one in deliveries(house.db)} == {0 if for_good else 1}
    assert states(house.db) == ["sent"] * OBJECTS


def test_silence_is_asked_again_under_another_uid_and_then_told(house: House) -> None:
    with CommitmentPeer() as pacs:
        known(house, pacs.port, seconds=0.2)
        store_results(house)
        with asking(house.settings, house.db, maximum_requests=2, linger_seconds=0.0):
            wait_until(
                lambda: (
                    "never answered" in deliveries(house.db)[0].words
                    and requests(house.db)[-1].state is CommitmentState.TIMED_OUT
                    and len(requests(house.db)) == 2
                ),
                what="two requests without an answer",
            )
    assert len({asked.transaction_uid for asked in pacs.asked}) == 2
    assert states(house.db) == ["sent"] * OBJECTS
    words = {one.words for one in deliveries(house.db)}
    assert words == {"stored, not committed: never answered; asked 2 times"}


def test_a_request_that_never_left_is_made_anew(house: House) -> None:
    """Its process was killed between the row and the N-ACTION, or before the answer came."""
    with CommitmentPeer(at_once=later(commits)) as pacs:
        known(house, pacs.port, seconds=0.5)
        orphan = request_for(house.db, store_results(house)[0])
        with asking(house.settings, house.db, linger_seconds=5.0):
            wait_until(lambda: committed(house), what="all results to be committed")
    assert [one.state for one in requests(house.db)] == [
        CommitmentState.TIMED_OUT,
        CommitmentState.ANSWERED,
    ]
    assert orphan.transaction_uid not in {asked.transaction_uid for asked in pacs.asked}


def test_two_deliverers_ask_once(house: House) -> None:
    with CommitmentPeer(at_once=later(commits)) as pacs:
        known(house, pacs.port)
        store_results(house)
        with (
            asking(house.settings, house.db, linger_seconds=5.0),
            asking(house.settings, house.db, linger_seconds=5.0),
        ):
            wait_until(lambda: committed(house), what="all results to be committed")
    assert len(pacs.asked) == 1


def test_an_archive_that_is_away_is_asked_when_it_is_back(house: House) -> None:
    pacs = CommitmentPeer(at_once=later(commits))
    with pacs:
        known(house, pacs.port)
        store_results(house)
    with asking(house.settings, house.db, linger_seconds=5.0):
        wait_until(lambda: house.row("pacs").commitment_failures > 1, what="two vain attempts")
        assert requests(house.db) == []
        with pacs:
            wait_until(lambda: committed(house), what="all results to be committed")
    assert house.row("pacs").commitment_failures == 0
    assert house.row("pacs").commitment_error is None


def test_an_archive_that_hangs_holds_up_no_other(house: House) -> None:
    release = threading.Event()

    def hangs() -> int:
        release.wait(20.0)
        return 0

    with ExitStack() as stack:
        slow = stack.enter_context(CommitmentPeer(take=hangs))
        pacs = stack.enter_context(CommitmentPeer(at_once=later(commits)))
        house.peer("slow", slow.port, commitment="ask")
        store_results(house)
        stack.enter_context(asking(house.settings, house.db, linger_seconds=5.0))
        stack.callback(release.set)
        wait_until(lambda: len(requests(house.db)) == 1, what="the slow one to be asked")
        with house.db.write() as session:
            session.execute(update(Peer).values(takes_results=False))
        known(house, pacs.port)
        store_results(house)
        house.wait_for(OBJECTS, COMMITTED, peer="pacs")
        assert len(house.of("slow", SENT)) == OBJECTS


def test_a_peer_is_asked_once_its_studies_are_whole_and_its_hours_not_quiet(house: House) -> None:
    with CommitmentPeer() as pacs:
        known(house, pacs.port)
        store_results(house)
        service = Commitments(house.settings, house.db)
        assert service.due() == []
        with house.db.write() as session:
            session.execute(update(Delivery).values(sent_at=now() - timedelta(minutes=1)))
        assert [peer.name for peer in service.due()] == ["pacs"]
        with house.db.write() as session:
            whole_day = {"quiet_from": "00:00", "quiet_until": "23:59"}
            session.execute(update(Peer).values(**whole_day))
        assert service.due() == [] or now().strftime("%H:%M") == "23:59"


def test_a_peer_that_is_asked_no_more_is_let_go(house: House) -> None:
    """Its row changed after it was found to be due: nothing is asked, and nothing is waited for."""
    rules = CommitmentSettings(gather_seconds=0.0, linger_seconds=60.0)
    settings = house.settings.model_copy(update={"commitment": rules})
    with CommitmentPeer() as pacs:
        known(house, pacs.port)
        store_results(house)
        service = Commitments(settings, house.db)
        (peer,) = service.due()
        with house.db.write() as session:
            session.execute(update(Peer).values(commitment=CommitmentWay.NONE))
        thread = threading.Thread(target=service.run_peer, args=(peer,), daemon=True)
        thread.start()
        thread.join(20.0)
        assert not thread.is_alive()
    assert pacs.asked == []


def test_every_request_is_in_the_database_before_it_leaves(house: House) -> None:
    seen: list[bool] = []

    def look(asked: Asked) -> None:
        with house.db.read() as session:
            query = select(Commitment).where(Commitment.transaction_uid == asked.transaction_uid)
            seen.append(session.scalars(query).one().state is CommitmentState.ASKED)

    with CommitmentPeer(at_once=look) as pacs:
        known(house, pacs.port)
        store_results(house)
        with asking(house.settings, house.db):
            wait_until(lambda: seen, what="a request")
    assert seen == [True]
