"""The longest wait: who rises when it is over, once, and who does not.

Over random histories it is tested in `tests/db/test_triage_histories.py`.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from core.states import FilmState, JobKind, Purpose
from core.triage import Tier
from core.triage_toml import built_in_triage
from db import waits
from db.accounts import add_account
from db.engine import Database
from db.models import Account, AuditAction, AuditEvent, Instance, Job, Opening, ReviewRow, Study
from db.openings import note_closed, note_open
from db.publishable import unpublished
from db.readings import film_failed
from db.received import ReadDecision
from db.reviews import accept, latest_draft
from db.spool import Spool
from db.sweeper import Sweeper
from db.triage_policies import save_triage
from db.waits import raise_waiting
from tests.db.builders import KEPT, claim_draft, film, read_next, reading, sign

WAIT = 30.0
LATERAL = ReadDecision(FilmState.NOT_READ, "a lateral view", "test")


@pytest.fixture(autouse=True)
def _short_wait(db: Database) -> None:
    with db.write() as session:
        built_in = built_in_triage().policy
        save_triage(session, built_in.model_copy(update={"longest_wait_minutes": WAIT}))


def let_wait(db: Database, minutes: float = WAIT + 1) -> None:
    """Let all studies have come in so long ago."""
    with db.write() as session:
        for study in session.scalars(select(Study)):
            study.received_at = now() - timedelta(minutes=minutes)


def left_for(db: Database, minutes: float) -> None:
    """Let all openings be so long ago."""
    with db.write() as session:
        session.execute(update(Opening).values(seen_at=now() - timedelta(minutes=minutes)))


def _dora(session: Session) -> int:
    add_account(session, "dora", person="Dora", roles=[AccountRole.RADIOLOGIST])
    return session.scalars(select(Account.id)).one()


def the_study(db: Database) -> Study:
    """Give the only study."""
    with db.read() as session:
        return session.scalars(select(Study)).one()


def test_a_study_rises_once_when_its_wait_is_over(db: Database, spool: Spool) -> None:
    film(db, spool)
    let_wait(db, WAIT - 1)
    assert raise_waiting(db) == 0
    let_wait(db)
    assert [raise_waiting(db), raise_waiting(db)] == [1, 0]
    study = the_study(db)
    assert study.tier is Tier.URGENT
    assert study.waited
    with db.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.TIER_RAISED)
        ).one()
        assert (event.actor, event.study_id) == ("longest wait", study.id)
        assert event.details == {"before": 0, "after": 2, "waited_minutes": WAIT}
        # Its film, which still waits for a worker, is wanted sooner, too.
        assert session.scalars(select(Job.urgency).where(Job.kind == JobKind.DRAFT)).one() == 2


@pytest.mark.parametrize("end", ["failed", "not read", "nothing found", "something found"])
def test_whatever_became_of_its_film(db: Database, spool: Spool, end: str) -> None:
    film(db, spool, decision=LATERAL) if end == "not read" else film(db, spool)
    if end == "failed":
        film_failed(db, claim_draft(db), "no sense")
    elif end.endswith("found"):
        read_next(db, reading(*([Label.EDEMA] if end.startswith("some") else [])))
    let_wait(db)
    assert raise_waiting(db) == 1


@pytest.mark.parametrize("why", ["open", "reviewed", "reported", "urgent already"])
def test_what_was_seen_to_does_not_rise(db: Database, spool: Spool, why: str) -> None:
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX if why == "urgent already" else Label.EDEMA))
    before = the_study(db).tier
    if why == "reported":
        sign(db, spool)
    with db.write() as session:
        if why == "open":
            note_open(session, 1, _dora(session), shown=True)
        if why == "reviewed":
            accept(session, latest_draft(session, "1.2.3"), author="Doe^Dora", final=False)
    let_wait(db)
    assert raise_waiting(db) == 0
    assert (the_study(db).tier, the_study(db).waited_at) == (before, None)


def test_a_glance_does_not_end_the_wait(db: Database, spool: Spool) -> None:
    film(db, spool)
    with db.write() as session:
        dora = _dora(session)
        note_open(session, 1, dora, shown=True)
        note_closed(session, 1, dora)
    film_failed(db, claim_draft(db), "no sense")
    let_wait(db, 10 * WAIT)
    # It waits anew since somebody left it.
    assert raise_waiting(db) == 0
    left_for(db, WAIT + 1)
    assert raise_waiting(db) == 1


def test_a_film_that_came_after_the_review_waits_by_itself(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    with db.write() as session:
        accept(session, latest_draft(session, "1.2.3"), author="Doe^Dora", final=False)
        session.execute(update(ReviewRow).values(at=now() - timedelta(minutes=2 * WAIT)))
    film(db, spool)
    film_failed(db, claim_draft(db), "no sense")
    let_wait(db, 10 * WAIT)
    assert raise_waiting(db) == 0
    with db.write() as session:
        session.execute(update(Instance).values(received_at=now() - timedelta(minutes=WAIT + 1)))
    assert raise_waiting(db) == 1


@pytest.mark.parametrize("purpose", [Purpose.PRIOR, Purpose.AUDIT])
def test_what_is_none_of_todays_does_not_rise(db: Database, spool: Spool, purpose: Purpose) -> None:
    film(db, spool, purpose=purpose)
    film(db, spool, study="1.2.4", decision=KEPT)
    let_wait(db)
    assert raise_waiting(db) == 0


def test_one_look_raises_a_few_and_the_longest_wait_first(
    db: Database, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "AT_ONCE", 2)
    for number in range(3):
        film(db, spool, study=f"1.2.{number}")
    with db.write() as session:
        for number, study in enumerate(session.scalars(select(Study).order_by(Study.id))):
            study.received_at = now() - timedelta(minutes=WAIT + 10 - number)
    assert [raise_waiting(db), raise_waiting(db), raise_waiting(db)] == [2, 1, 0]
    with db.read() as session:
        order = select(Study.id).order_by(Study.waited_at, Study.id)
        assert list(session.scalars(order)) == [1, 2, 3]


def test_the_sweeper_looks_after_it(db: Database, spool: Spool) -> None:
    film(db, spool)
    let_wait(db)
    Sweeper(db, spool, lambda: None, 60).sweep()
    assert the_study(db).tier is Tier.URGENT


def test_reporting_systems_hear_only_what_a_model_said(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading(Label.EDEMA))
    let_wait(db)
    raise_waiting(db)
    with db.read() as session:
        (item,) = unpublished(session, the_study(db).id)
        assert (the_study(db).tier, item.tier) == (Tier.URGENT, Tier.RAISED)
