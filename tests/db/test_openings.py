"""Who has a study open, on both databases: told by pages, forgotten when they fall silent."""

import pytest
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from db.accounts import add_account
from db.engine import Database
from db.models import Opening, Study
from db.openings import SILENT_AFTER, note_closed, note_open, opened_by
from db.readings import film_failed, film_for, store_flags, store_reading
from db.spool import Spool
from tests.db.builders import claim_draft, film, read_next, reading, reject, sign
from tests.db.reviewing import accepted


@pytest.fixture(autouse=True)
def _study(db: Database, spool: Spool) -> None:
    film(db, spool)
    with db.write() as session:
        for name in ("dora", "sam"):
            add_account(session, name, person=name.capitalize(), roles=[AccountRole.RADIOLOGIST])


def _open(db: Database, account: int, *, shown: bool = True) -> None:
    with db.write() as session:
        note_open(session, 1, account, shown=shown)


def _who(db: Database) -> list[str]:
    with db.read() as session:
        return [one.person_name for one in opened_by(session, [1]).get(1, ())]


def test_persons_are_told_in_the_order_in_which_they_came(db: Database) -> None:
    _open(db, 2)
    _open(db, 1)
    _open(db, 2)
    assert _who(db) == ["Sam", "Dora"]


def test_who_left_is_not_told_of(db: Database) -> None:
    _open(db, 1)
    with db.write() as session:
        note_closed(session, 1, 1)
    assert _who(db) == []
    _open(db, 1)
    assert _who(db) == ["Dora"]


def test_a_page_that_fell_silent_is_closed(db: Database) -> None:
    _open(db, 1)
    with db.write() as session:
        session.execute(update(Opening).values(seen_at=now() - SILENT_AFTER))
    assert _who(db) == []


def test_the_first_opening_stays_and_later_flags_want_another_look(db: Database) -> None:
    _open(db, 1)
    first = _study_row(db).opened_at
    assert first is not None
    with db.write() as session:
        session.execute(update(Study).values(unseen_since=now()))
    # The page that was open already does not show them.
    _open(db, 1, shown=False)
    assert _study_row(db).unseen_since is not None
    _open(db, 2)
    row = _study_row(db)
    assert (row.opened_at, row.unseen_since) == (first, None)


@pytest.mark.parametrize("ends", ["read", "failed"])
def test_flags_of_a_film_that_is_being_read_are_not_seen(db: Database, ends: str) -> None:
    said, held = reading(Label.PNEUMOTHORAX), claim_draft(db)
    film_for(db, held)
    store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    waits = _study_row(db).unseen_since
    assert waits is not None
    _open(db, 1)
    row = _study_row(db)
    assert row.opened_at is not None
    assert row.unseen_since == waits
    if ends == "read":
        store_reading(db, held, said, idle_seconds=0)
    else:
        film_failed(db, held, "no sense")
    assert _study_row(db).unseen_since == waits
    _open(db, 1)
    assert _study_row(db).unseen_since is None


def test_flags_are_seen_though_another_film_waits(db: Database, spool: Spool) -> None:
    read_next(db, reading(Label.PNEUMOTHORAX))
    film(db, spool)
    _open(db, 1)
    assert _study_row(db).unseen_since is None


@pytest.mark.parametrize("seen", ["by nobody", "before", "after", "reviewed"])
def test_flags_wait_again_where_the_report_was_on_the_wrong_study(
    db: Database, spool: Spool, seen: str
) -> None:
    if seen == "before":
        _open(db, 1)
    read_next(db, reading(Label.PNEUMOTHORAX))
    waits = _study_row(db).unseen_since
    assert waits is not None
    if seen == "after":
        _open(db, 1)
    elif seen == "reviewed":
        accepted(db)
    documents = [sign(db, spool), sign(db, spool)]
    reject(db, spool, documents[0])
    assert _study_row(db).unseen_since is None
    reject(db, spool, documents[1])
    assert (_study_row(db).unseen_since is not None) == (seen in {"by nobody", "before"})


def _study_row(db: Database) -> Study:
    with db.read() as session:
        return session.scalars(select(Study)).one()
