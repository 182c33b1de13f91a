"""Who has a study open, on both databases: told by pages, forgotten when they fall silent."""

import pytest
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.clock import now
from db.accounts import add_account
from db.engine import Database
from db.models import Opening, Study
from db.openings import SILENT_AFTER, note_closed, note_open, opened_by
from db.spool import Spool
from tests.db.builders import film


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


def _study_row(db: Database) -> Study:
    with db.read() as session:
        return session.scalars(select(Study)).one()
