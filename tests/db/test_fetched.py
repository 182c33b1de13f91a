"""Which fetch an object belongs to, on both databases: who may send it, and for how long."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.states import JobState, Purpose
from db.engine import Database
from db.fetched import STRAGGLERS, Fetched, anything_came, retrieval_for
from db.models import Peer, Retrieval
from db.quarantine import set_aside
from db.retrievals import Wish, ask
from db.spool import Spool
from tests.db.builders import film

STUDY = "1.2.3"


def add_peer(db: Database, name: str, host: str, *, enabled: bool = True) -> int:
    """Enter a peer, and give its row's number."""
    with db.write() as session:
        row = Peer(name=name, ae_title=name.upper(), host=host, port=104, enabled=enabled)
        session.add(row)
        session.flush()
        return row.id


def wanted(db: Database, peer_id: int, purpose: Purpose = Purpose.AUDIT, campaign: str = "") -> int:
    """Ask for the study, and give the fetch's number."""
    wish = Wish(peer_id, STUDY, purpose, campaign, patient_id="P1", issuer="H")
    with db.write() as session:
        assert ask(session, wish, actor="test")
        return session.scalars(select(func.max(Retrieval.id))).one()


def ended(db: Database, number: int, state: JobState, ago: timedelta) -> None:
    """Let a fetch have ended."""
    with db.write() as session:
        session.execute(
            update(Retrieval)
            .where(Retrieval.id == number)
            .values(state=state, finished_at=now() - ago)
        )


def found(db: Database, calling_ae: str = "PACS", study_uid: str = STUDY) -> Fetched | None:
    """Look the fetch of an object up."""
    with db.read() as session:
        return retrieval_for(session, study_uid, calling_ae)


def test_the_fetch_of_the_study(db: Database) -> None:
    wanted(db, add_peer(db, "pacs", "10.0.0.1"), Purpose.PRIOR)
    assert found(db) == Fetched(1, Purpose.PRIOR, "P1", "H")
    assert found(db, study_uid="1.2.4") is None


def test_who_may_send_it(db: Database) -> None:
    wanted(db, add_peer(db, "pacs", "10.0.0.1"))
    add_peer(db, "sender", "10.0.0.1")
    add_peer(db, "silent", "10.0.0.1", enabled=False)
    add_peer(db, "other", "10.0.0.2")
    assert found(db, "SENDER") is not None
    assert [found(db, title) for title in ("SILENT", "OTHER", "NOBODY", "")] == [None] * 4


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_for_how_long(db: Database, state: JobState) -> None:
    number = wanted(db, add_peer(db, "pacs", "10.0.0.1"))
    ended(db, number, state, STRAGGLERS - timedelta(minutes=1))
    assert found(db) is not None
    ended(db, number, state, STRAGGLERS + timedelta(minutes=1))
    assert found(db) is None


def test_the_one_under_way_comes_first_then_what_is_open_then_the_last(db: Database) -> None:
    peer_id = add_peer(db, "pacs", "10.0.0.1")
    numbers = [wanted(db, peer_id, campaign=name) for name in "abcd"]
    early, late, waiting, claimed = numbers
    ended(db, early, JobState.DONE, timedelta(minutes=30))
    ended(db, late, JobState.DONE, timedelta(minutes=10))
    with db.write() as session:
        session.execute(
            update(Retrieval).where(Retrieval.id == claimed).values(state=JobState.CLAIMED)
        )
    order = []
    for _ in numbers:
        fetch = found(db)
        assert fetch is not None
        order.append(fetch.retrieval_id)
        ended(db, fetch.retrieval_id, JobState.DONE, timedelta(days=1))
    assert order == [claimed, waiting, late, early]


def test_whether_anything_came(db: Database, spool: Spool) -> None:
    assert not anything_came(db, STUDY)
    film(db, spool, study="1.2.4")
    assert not anything_came(db, STUDY)
    film(db, spool, study=STUDY)
    assert anything_came(db, STUDY)
    temporary = spool.temporary()
    temporary.write_bytes(b"x")
    set_aside(
        db, spool, temporary, reason="r", sop_instance_uid="", study_uid="1.2.5", calling_ae="A"
    )
    assert anything_came(db, "1.2.5")
