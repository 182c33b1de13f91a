"""Backfills as rows: entered at a pace, up to a size, and gone on with."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.states import FilmState, JobState, Purpose
from db.campaigns import Campaign, enter, film_states, keep_question
from db.engine import Database
from db.models import Peer, Retrieval
from db.retrievals import Wish
from db.spool import Spool
from tests.db.builders import film


@pytest.fixture
def peer(db: Database) -> int:
    with db.write() as session:
        row = Peer(name="pacs", ae_title="PACS", host="127.0.0.1", port=104)
        session.add(row)
        session.flush()
        return row.id


def entered(db: Database, campaign: Campaign, peer_id: int, *uids: str) -> bool:
    """Enter studies."""
    wishes = [Wish(peer_id, uid, Purpose.AUDIT, "") for uid in uids]
    with db.write() as session:
        return enter(session, campaign, wishes, actor="test")


def rows(db: Database) -> list[Retrieval]:
    """Give all fetches."""
    with db.read() as session:
        return list(session.scalars(select(Retrieval).order_by(Retrieval.id)))


def test_studies_become_due_one_after_the_other(db: Database, peer: int) -> None:
    campaign = Campaign("spring", per_minute=6.0, most=10)
    assert entered(db, campaign, peer, "1.1", "1.2")
    assert entered(db, campaign, peer, "1.3")
    first, second, third = rows(db)
    assert first.campaign == "spring"
    assert second.due_at - first.due_at == timedelta(seconds=10)
    assert third.due_at - second.due_at == timedelta(seconds=10)
    assert abs(first.due_at - now()) < timedelta(seconds=60)


def test_gone_on_with_it_enters_what_is_missing(db: Database, peer: int) -> None:
    campaign = Campaign("spring", per_minute=60.0, most=10)
    entered(db, campaign, peer, "1.1", "1.2")
    with db.write() as session:
        session.execute(
            update(Retrieval).where(Retrieval.study_uid == "1.1").values(state=JobState.DONE)
        )
    assert entered(db, campaign, peer, "1.1", "1.2", "1.3", "1.3")
    assert [row.study_uid for row in rows(db)] == ["1.1", "1.2", "1.3"]
    assert rows(db)[0].state is JobState.DONE


def test_a_pause_of_days_does_not_make_a_burst(db: Database, peer: int) -> None:
    campaign = Campaign("spring", per_minute=60.0, most=10)
    entered(db, campaign, peer, "1.1")
    with db.write() as session:
        session.execute(update(Retrieval).values(due_at=now() - timedelta(days=3)))
    entered(db, campaign, peer, "1.2", "1.3")
    _, second, third = rows(db)
    assert second.due_at > now() - timedelta(seconds=60)
    assert third.due_at > second.due_at


def test_it_ends_at_its_size_and_keeps_what_it_has(db: Database, peer: int) -> None:
    campaign = Campaign("spring", per_minute=60.0, most=2)
    assert not entered(db, campaign, peer, "1.1", "1.2", "1.3")
    assert entered(db, campaign, peer, "1.2", "1.1")
    assert [row.study_uid for row in rows(db)] == ["1.1", "1.2"]


@pytest.mark.parametrize(
    ("name", "per_minute", "most"), [(" ", 1.0, 1), ("a", 0.0, 1), ("a", 1.0, 0)]
)
def test_a_campaign_that_cannot_be(name: str, per_minute: float, most: int) -> None:
    with pytest.raises(ValueError, match=r"name|positive"):
        Campaign(name, per_minute, most)


def test_only_films_for_the_audit_are_counted(db: Database, spool: Spool, peer: int) -> None:
    entered(db, Campaign("spring", per_minute=60.0, most=10), peer, "1.1", "1.2")
    entered(db, Campaign("autumn", per_minute=60.0, most=10), peer, "1.3")
    for study in ("1.1", "1.2", "1.3"):
        film(db, spool, study=study, purpose=Purpose.AUDIT)
    film(db, spool, study="1.1")
    with db.read() as session:
        assert film_states(session, "spring") == {FilmState.QUEUED: 2}


def test_a_name_keeps_its_first_question(db: Database, peer: int) -> None:
    entered(db, Campaign("spring", per_minute=6.0, most=10), peer, "1.1")
    for name, question, kept in (
        ("spring", "one", "one"),
        ("spring", "two", "one"),
        ("autumn", "two", "two"),
        ("spring", "one", "one"),
    ):
        with db.write() as session:
            assert keep_question(session, name, question, actor="test") == kept
