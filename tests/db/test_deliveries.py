"""Deliveries: what is due where and in which order, and the one clock of each peer.

Sending itself is gateway's.
"""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.clock import now
from core.labels import Label
from core.reading import Reading
from core.states import DRAFT_KINDS, DeliveryState, ResultKind, SendingMode
from db.deliveries import (
    begin,
    mark_failed,
    mark_rehearsed,
    mark_retry,
    mark_sent,
    peer_away,
    put_back,
)
from db.due import due_peers, leave_peer, next_deliveries, take_peer
from db.engine import Database
from db.models import Delivery, Peer, ReadingRow, ResultObject
from db.pauses import Pause
from db.spool import Spool
from tests.db.builders import built, film, peer, publish, read_next, reading


def results(
    db: Database, spool: Spool, *peer_ids: int, study: str = "1.2.3", said: Reading | None = None
) -> None:
    """Read one new film and publish its three results."""
    film(db, spool, study=study)
    said = said or reading()
    version_id = read_next(db, said)
    publish(db, *(built(spool, said, version_id, *peer_ids, kind=kind) for kind in DRAFT_KINDS))


def due(db: Database, at: datetime | None = None) -> list[str]:
    with db.read() as session:
        return [row.name for row in due_peers(session, at or now())]


def queue(
    db: Database, peer_id: int, limit: int = 100, *, later: float = 0.0
) -> list[tuple[int, ResultKind]]:
    """Give study and kind of what goes next to a peer, or would go some seconds later."""
    at = now() + timedelta(seconds=later)
    with db.read() as session:
        return [
            (item.result.study_id, item.result.kind)
            for item in next_deliveries(session, peer_id, limit, at=at)
        ]


def first(db: Database, peer_id: int) -> int:
    with db.read() as session:
        return next_deliveries(session, peer_id, 1)[0].id


def one_of(db: Database, peer_id: int, study_id: int) -> int:
    """Give the delivery to a peer that is the first of a study."""
    with db.read() as session:
        return next(
            item.id
            for item in next_deliveries(session, peer_id, 100)
            if item.result.study_id == study_id
        )


def row(db: Database, delivery_id: int) -> Delivery:
    with db.read() as session:
        return session.get_one(Delivery, delivery_id)


def peer_row(db: Database, peer_id: int) -> Peer:
    with db.read() as session:
        return session.get_one(Peer, peer_id)


def rested(db: Database, peer_id: int) -> None:
    """Let a peer's pause be over."""
    with db.write() as session:
        session.get_one(Peer, peer_id).next_attempt_at = now()


def test_a_peer_is_due_while_something_waits_for_it(db: Database, spool: Spool) -> None:
    pacs, _idle = peer(db, "pacs"), peer(db, "idle")
    assert due(db) == []
    results(db, spool, pacs)
    assert due(db) == ["pacs"]
    for _ in DRAFT_KINDS:
        with db.write() as session:
            mark_sent(session, next_deliveries(session, pacs, 1)[0].id, 0, "success")
    assert due(db) == []


@pytest.mark.parametrize("column", ["enabled", "takes_results"])
def test_a_silenced_peer_is_never_due(db: Database, spool: Spool, column: str) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    with db.write() as session:
        setattr(session.get_one(Peer, pacs), column, False)
    assert (due(db), queue(db, pacs)) == ([], [])


def test_the_order_within_a_study_is_that_of_making(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    results(db, spool, pacs)
    kinds = list(DRAFT_KINDS)
    assert queue(db, pacs) == [(1, kind) for kind in kinds + kinds]
    assert queue(db, pacs, 2) == [(1, kind) for kind in kinds[:2]]


def test_urgent_studies_go_first(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs, study="1.1")
    results(db, spool, pacs, study="1.2", said=reading(Label.PNEUMOTHORAX))
    results(db, spool, pacs, study="1.3", said=reading(Label.FRACTURE))
    assert [study for study, _ in queue(db, pacs)] == [2] * 3 + [3] * 3 + [1] * 3


def test_a_result_that_keeps_failing_holds_up_its_own_study_only(
    db: Database, spool: Spool
) -> None:
    pacs = peer(db)
    results(db, spool, pacs, study="1.1")
    results(db, spool, pacs, study="1.2")
    with db.write() as session:
        mark_retry(session, next_deliveries(session, pacs, 1)[0].id, 0xA700, "full")
    # The failed one is still the first of its own study: nothing of it overtakes.
    one, two = [[(study, kind) for kind in DRAFT_KINDS] for study in (1, 2)]
    assert queue(db, pacs) == two + one
    rested(db, pacs)
    with db.write() as session:
        mark_retry(session, one_of(db, pacs, 1), 0xA700, "full")
    assert queue(db, pacs) == two
    assert queue(db, pacs, later=3600) == two + one


def test_an_object_that_fails_again_and_again_does_not_lengthen_its_peers_pause(
    db: Database, spool: Spool
) -> None:
    pacs = peer(db)
    results(db, spool, pacs, study="1.1")
    results(db, spool, pacs, study="1.2")
    number, pause = first(db, pacs), Pause(10, 10_000)
    for _ in range(8):
        with db.write() as session:
            mark_retry(session, number, 0x0110, "not this one", pause=pause)
        rested(db, pacs)
    assert peer_row(db, pacs).failures == 1
    assert (due(db), {study for study, _ in queue(db, pacs)}) == (["pacs"], {2})
    own = row(db, number).next_attempt_at
    assert own is not None
    assert own - now() > timedelta(seconds=10 * 2**7 / 2 - 5)
    for _ in DRAFT_KINDS:
        with db.write() as session:
            mark_sent(session, first(db, pacs), 0, "success")
    assert (due(db), due(db, own)) == ([], ["pacs"])


def test_success_is_noted_and_winds_the_clock_back(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    number = first(db, pacs)
    with db.write() as session:
        mark_retry(session, number, None, "no answer")
    rested(db, pacs)
    with db.write() as session:
        mark_sent(session, number, 0, "success")
    delivery, clock = row(db, number), peer_row(db, pacs)
    assert (delivery.state, delivery.status, delivery.words) == (DeliveryState.SENT, 0, "success")
    assert delivery.attempts == 2
    assert delivery.sent_at == clock.last_sent_at is not None
    assert (clock.failures, clock.next_attempt_at, clock.last_error) == (0, None, None)


def test_a_success_that_was_on_the_wire_does_not_end_a_pause(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs, study="1.1")
    results(db, spool, pacs, study="1.2")
    with db.write() as session:
        mark_retry(session, first(db, pacs), 0xA700, "full", pause=Pause(60, 600))
        mark_sent(session, first(db, pacs), 0, "success")
    clock = peer_row(db, pacs)
    assert clock.failures == 1
    assert clock.last_error is not None
    assert clock.next_attempt_at is not None
    assert clock.last_sent_at is not None


def test_a_refusal_for_good_is_one_failed_row(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    number = first(db, pacs)
    with db.write() as session:
        mark_failed(session, number, 0x0122, "SOP class not supported")
    delivery = row(db, number)
    assert (delivery.state, delivery.status) == (DeliveryState.FAILED, 0x0122)
    assert delivery.words == "SOP class not supported"
    # The peer answered: the rest goes on at once, and the failed one never again.
    assert due(db) == ["pacs"]
    assert len(queue(db, pacs)) == 2


def test_a_failure_that_may_pass_stops_this_peer_only(db: Database, spool: Spool) -> None:
    down, up = peer(db, "down"), peer(db, "up")
    results(db, spool, down, up)
    number = first(db, down)
    with db.write() as session:
        mark_retry(session, number, None, "connection refused", pause=Pause(60, 600))
    assert due(db) == ["up"]
    assert row(db, number).state is DeliveryState.WAITING
    clock = peer_row(db, down)
    assert clock.next_attempt_at is not None
    assert timedelta(seconds=25) < clock.next_attempt_at - now() <= timedelta(seconds=60)
    assert clock.last_error == "connection refused"
    assert set(due(db, clock.next_attempt_at)) == {"down", "up"}


def test_a_peer_that_is_away_waits_longer_each_time(db: Database) -> None:
    pacs = peer(db)
    waits = []
    for _ in range(8):
        with db.write() as session:
            peer_away(session, pacs, "no route", pause=Pause(8, 200))
            # Another line that finds it out at the same time says nothing new.
            peer_away(session, pacs, "no answer", pause=Pause(8, 200))
        clock = peer_row(db, pacs)
        assert clock.next_attempt_at is not None
        waits.append((clock.next_attempt_at - now()).total_seconds())
        assert clock.last_error == "no route"
        rested(db, pacs)
    assert peer_row(db, pacs).failures == 8
    for failures, wait in enumerate(waits):
        whole = min(8.0 * 2**failures, 200.0)
        assert whole / 2 - 2 < wait <= whole


@given(
    first_seconds=st.floats(0.01, 100),
    longest_seconds=st.floats(0.01, 10_000),
    failures=st.integers(0, 10_000),
)
def test_a_pause_stays_between_half_and_whole(
    first_seconds: float, longest_seconds: float, failures: int
) -> None:
    pause = Pause(first_seconds, longest_seconds).after(failures)
    whole = min(first_seconds * 2.0 ** min(max(failures - 1, 0), 30), longest_seconds)
    assert whole / 2 <= pause <= whole


def test_a_pause_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Pause(0, 1)


def test_an_obsolete_delivery_stays_so_unless_it_left(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    number = first(db, pacs)
    with db.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.OBSOLETE))
    assert (due(db), queue(db, pacs)) == ([], [])
    with db.write() as session:
        mark_failed(session, number, 1, "refused")
    assert row(db, number).state is DeliveryState.OBSOLETE
    with db.write() as session:
        mark_sent(session, number, 0, "success")
    assert row(db, number).state is DeliveryState.SENT


def test_a_demo_result_never_slips_through(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    with db.write() as session:
        session.execute(update(ReadingRow).values(demo=True))
    assert (due(db), queue(db, pacs)) == ([], [])


def test_a_peer_belongs_to_one_deliverer_at_a_time(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    with db.write() as session:
        assert take_peer(session, pacs, worker="one", seconds=60)
        assert not take_peer(session, pacs, worker="two", seconds=60)
        assert take_peer(session, pacs, worker="one", seconds=60)
    assert due(db) == []
    assert due(db, now() + timedelta(seconds=61)) == ["pacs"]
    with db.write() as session:
        leave_peer(session, pacs, worker="two")
        assert not take_peer(session, pacs, worker="two", seconds=60)
        leave_peer(session, pacs, worker="one")
        assert take_peer(session, pacs, worker="two", seconds=60)
    with db.read() as session:
        assert session.scalars(select(Peer.busy_worker)).one() == "two"


@pytest.mark.parametrize(
    ("mode", "made_before", "listed", "leaves"),
    [
        (SendingMode.SEND, True, True, True),
        (SendingMode.PAUSE, True, False, False),
        (SendingMode.DRAIN, True, True, True),
        (SendingMode.DRAIN, False, False, False),
        (SendingMode.DRY_RUN, True, True, False),
    ],
)
def test_a_peers_mode_says_what_leaves(
    db: Database,
    spool: Spool,
    mode: SendingMode,
    *,
    made_before: bool,
    listed: bool,
    leaves: bool,
) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    number = first(db, pacs)
    at = now() if made_before else now() - timedelta(hours=1)
    with db.write() as session:
        session.execute(update(Peer).values(mode=mode, mode_changed_at=at))
    assert (due(db), len(queue(db, pacs))) == ((["pacs"], 3) if listed else ([], 0))
    with db.write() as session:
        assert take_peer(session, pacs, worker="one", seconds=60)
        # A process that was frozen while another one took the peer.
        assert not begin(session, number, worker="two")
        assert begin(session, number, worker="one") is leaves


def test_what_takes_something_back_is_not_rehearsed(db: Database, spool: Spool) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    with db.write() as session:
        session.execute(update(ResultObject).values(kind=ResultKind.REJECTION))
    assert len(queue(db, pacs)) == 3
    with db.write() as session:
        session.execute(update(Peer).values(mode=SendingMode.DRY_RUN))
    assert (due(db), queue(db, pacs)) == ([], [])


def test_what_the_peer_has_waits_in_a_dry_run_and_stays_what_it_is(
    db: Database, spool: Spool
) -> None:
    pacs = peer(db)
    results(db, spool, pacs)
    number = first(db, pacs)
    with db.write() as session:
        mark_sent(session, number, 0, "0x0000 Success")
        put_back(session.get_one(Delivery, number))
        session.execute(update(Peer).values(mode=SendingMode.DRY_RUN))
    assert (due(db), len(queue(db, pacs))) == (["pacs"], 2)
    with db.write() as session:
        assert not mark_rehearsed(session, number, "rehearsed: would be sent")
    assert row(db, number).state is DeliveryState.WAITING
    with db.write() as session:
        session.execute(update(Peer).values(mode=SendingMode.SEND))
    assert len(queue(db, pacs)) == 3
