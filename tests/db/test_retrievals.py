"""Fetches as rows: entered once, claimed once, ended under their token.

Leases end here by writing their end into the row; no test waits for one. What an object at the
second AE title belongs to is tested in tests/gateway/test_second_title.py.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.errors import LostLeaseError
from core.states import JobState, Purpose
from db.engine import Database
from db.fetched import RetrievalCounts, retrieval_counts
from db.models import AuditAction, AuditEvent, Peer, Retrieval
from db.retrievals import (
    Fetch,
    Wish,
    ask,
    claim,
    done,
    give_up,
    progress,
    put_back,
    release_lost,
    renew,
)

BOTH = (Purpose.PRIOR, Purpose.AUDIT)


@pytest.fixture
def peer(db: Database) -> int:
    return add_peer(db, "pacs")


def add_peer(db: Database, name: str, *, enabled: bool = True) -> int:
    """Enter a peer, and give its row's number."""
    with db.write() as session:
        row = Peer(name=name, ae_title=name.upper(), host="127.0.0.1", port=104, enabled=enabled)
        session.add(row)
        session.flush()
        return row.id


def wanted(db: Database, wish: Wish) -> bool:
    """Ask for a fetch."""
    with db.write() as session:
        return ask(session, wish, actor="test")


def audit(peer_id: int, uid: str = "1.2.3", campaign: str = "c") -> Wish:
    """Give a wish for a study for an audit."""
    return Wish(peer_id, uid, Purpose.AUDIT, campaign)


def take(db: Database, worker: str = "w", **facts: object) -> Fetch | None:
    """Claim what is due."""
    return claim(db, BOTH, worker=worker, lease_seconds=60.0, **facts)  # type: ignore[arg-type]


def taken(db: Database) -> Fetch:
    """Claim what must be there."""
    fetch = take(db)
    assert fetch is not None
    return fetch


def the_row(db: Database) -> Retrieval:
    """Give the only row."""
    with db.read() as session:
        return session.scalars(select(Retrieval)).one()


def end_lease(db: Database) -> None:
    """Let all leases end."""
    with db.write() as session:
        session.execute(update(Retrieval).values(lease_until=now() - timedelta(seconds=1)))


def test_a_study_is_entered_once_in_a_campaign_and_told_to_auditors(
    db: Database, peer: int
) -> None:
    assert wanted(db, audit(peer))
    assert not wanted(db, audit(peer))
    assert wanted(db, audit(peer, campaign="another"))
    assert wanted(db, Wish(peer, "1.2.3", Purpose.PRIOR, "c"))
    with db.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.action for event in events] == [AuditAction.RETRIEVAL_ASKED] * 3
    assert events[0].details == {
        "study_uid": "1.2.3",
        "purpose": "audit",
        "campaign": "c",
        "again": False,
    }


@pytest.mark.parametrize("uid", ["", "x", "1.2'; DROP TABLE retrieval; --"])
def test_what_is_no_uid_is_not_entered(uid: str) -> None:
    with pytest.raises(ValueError, match="not a UID"):
        audit(1, uid)
    with pytest.raises(ValueError, match="not a UID"):
        Wish(1, "1.2.3", Purpose.AUDIT, "c", series_uids=("1.2", uid))


def test_nothing_is_fetched_to_be_read() -> None:
    with pytest.raises(ValueError, match="not to read"):
        Wish(1, "1.2.3", Purpose.READ, "c")


def test_a_claim_carries_what_is_to_be_done(db: Database, peer: int) -> None:
    wanted(db, Wish(peer, "1.2.3", Purpose.PRIOR, "c", series_uids=("1.2.4",)))
    fetch = taken(db)
    assert (fetch.peer_id, fetch.study_uid, fetch.series_uids) == (peer, "1.2.3", ("1.2.4",))
    assert (fetch.purpose, fetch.attempts) == (Purpose.PRIOR, 1)
    assert take(db) is None


def test_priors_come_first_then_the_oldest(db: Database) -> None:
    peers = [add_peer(db, name) for name in ("a", "b", "c")]
    wanted(db, audit(peers[0], "1.1"))
    wanted(db, audit(peers[1], "1.2"))
    wanted(db, Wish(peers[2], "1.3", Purpose.PRIOR, "c"))
    assert [taken(db).study_uid for _ in peers] == ["1.3", "1.1", "1.2"]


def test_what_is_not_due_not_wished_or_paused_stays(db: Database, peer: int) -> None:
    wanted(db, Wish(peer, "1.2.3", Purpose.AUDIT, "c", due_at=now() + timedelta(hours=1)))
    assert take(db) is None
    wanted(db, audit(peer, "1.2.4"))
    assert take(db, not_from=[peer]) is None
    assert claim(db, [Purpose.PRIOR], worker="w", lease_seconds=1.0) is None
    assert taken(db).study_uid == "1.2.4"


def test_a_disabled_peer_is_left_alone(db: Database) -> None:
    wanted(db, audit(add_peer(db, "off", enabled=False)))
    assert take(db) is None


def test_one_study_at_a_time_from_each_peer(db: Database, peer: int) -> None:
    other = add_peer(db, "other")
    for number, peer_id in enumerate((peer, peer, other)):
        wanted(db, audit(peer_id, f"1.{number}"))
    first, second = taken(db), taken(db)
    assert {first.peer_id, second.peer_id} == {peer, other}
    assert take(db) is None
    done(db, first, completed=1)
    assert taken(db).peer_id == first.peer_id


def test_many_claim_at_once_and_each_gets_another(db: Database) -> None:
    for number in range(6):
        wanted(db, audit(add_peer(db, f"p{number}"), f"1.{number}"))
    got: list[Fetch] = []

    def work() -> None:
        while (fetch := take(db)) is not None:
            got.append(fetch)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # On PostgreSQL a claim that lost a race finds nothing; whoever looks again finds the rest.
    work()
    assert sorted(fetch.study_uid for fetch in got) == [f"1.{number}" for number in range(6)]


def test_a_fetch_ends_well(db: Database, peer: int) -> None:
    wanted(db, audit(peer))
    fetch = taken(db)
    progress(db, fetch, completed=1, failed=0)
    assert the_row(db).completed == 1
    done(db, fetch, completed=2)
    row = the_row(db)
    assert (row.state, row.completed, row.error, row.lease_until) == (JobState.DONE, 2, None, None)
    assert row.finished_at is not None
    assert not wanted(db, audit(peer))


def test_what_failed_is_tried_again_when_it_is_asked_for_again(db: Database, peer: int) -> None:
    wanted(db, audit(peer))
    give_up(db, taken(db), "no")
    row = the_row(db)
    assert (row.state, row.error) == (JobState.FAILED, "no")
    assert take(db) is None
    assert wanted(db, audit(peer))
    assert taken(db).attempts == 1


def test_it_is_put_back_for_later(db: Database, peer: int) -> None:
    wanted(db, audit(peer))
    put_back(db, taken(db), "busy", pause_seconds=3600.0)
    row = the_row(db)
    assert (row.state, row.error, row.attempts, row.worker) == (
        JobState.WAITING,
        "busy",
        1,
        None,
    )
    assert row.due_at > now() + timedelta(minutes=59)
    assert take(db) is None


def test_what_was_not_its_fault_is_not_counted(db: Database, peer: int) -> None:
    wanted(db, audit(peer))
    put_back(db, taken(db), None, pause_seconds=0.0, counted=False)
    fetch = taken(db)
    assert (fetch.attempts, fetch.token) == (1, 2)


@pytest.mark.parametrize(
    "write",
    [
        lambda db, fetch: renew(db, fetch, 1.0),
        lambda db, fetch: progress(db, fetch, completed=1, failed=0),
        lambda db, fetch: done(db, fetch, completed=1),
        lambda db, fetch: give_up(db, fetch, "no"),
        lambda db, fetch: put_back(db, fetch, "no", pause_seconds=0.0),
    ],
    ids=["renew", "progress", "done", "give_up", "put_back"],
)
def test_whoever_was_taken_for_dead_is_refused(
    db: Database, peer: int, write: Callable[[Database, Fetch], None]
) -> None:
    wanted(db, audit(peer))
    old = taken(db)
    renew(db, old, 60.0)
    assert release_lost(db) == 0
    end_lease(db)
    assert release_lost(db) == 1
    with pytest.raises(LostLeaseError, match="no longer held"):
        write(db, old)
    new = taken(db)
    assert (new.attempts, new.token) == (2, 2)
    with pytest.raises(LostLeaseError, match="no longer held"):
        write(db, old)


def test_counts(db: Database) -> None:
    peers = [add_peer(db, name) for name in "abcd"]
    for number, peer_id in enumerate(peers):
        wanted(db, audit(peer_id, f"1.{number}"))
    done(db, taken(db), completed=3)
    give_up(db, taken(db), "no")
    progress(db, taken(db), completed=2, failed=0)
    wanted(db, audit(peers[0], campaign="another"))
    with db.read() as session:
        counts = retrieval_counts(session, "c")
        assert counts == RetrievalCounts(1, 1, 1, 1, objects=5, last_error="no")
        assert counts.open == 2
        assert retrieval_counts(session).waiting == 2
        assert retrieval_counts(session, "none") == RetrievalCounts()
