"""A second copy of a film whose first copy was of no use: it is read; anything else stays aside.

Which pixels are unusable is tested in tests/imaging and tests/worker.
"""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.states import FilmState, JobKind, Purpose, StudyState
from db.engine import Database
from db.intake import OTHER_CONTENT, IntakeKind, take_in
from db.jobs import claim
from db.models import Instance, Quarantine, Study
from db.readings import film_for, film_quarantined
from db.spool import Spool
from db.whole_copies import TAKEN_OVER
from tests.db.builders import TO_READ, count, files, film, never_same, received

UID = "1.2.3.4"


def _damaged(db: Database, spool: Spool) -> int:
    """Enter a film that ends as unusable."""
    film_id = film(db, spool, uid=UID)
    held = claim(db, (JobKind.DRAFT,), worker="w", lease_seconds=60)
    assert held is not None
    film_for(db, held)
    film_quarantined(db, held, "pixels cannot be decoded")
    return film_id


def test_a_later_copy_takes_the_place_of_an_unusable_one(db: Database, spool: Spool) -> None:
    film_id = _damaged(db, spool)
    again = received(spool, UID, content=b"whole")
    outcome = take_in(db, spool, again, TO_READ, never_same)
    assert (outcome.kind, outcome.instance_id, outcome.queued) == (
        IntakeKind.REPLACED,
        film_id,
        True,
    )
    with db.read() as session:
        row = session.get_one(Instance, film_id)
        assert (row.state, row.reason) == (FilmState.QUEUED, None)
        assert Path(row.path).read_bytes() == b"whole"
        aside = session.scalars(select(Quarantine)).one()
        assert Path(aside.path).read_bytes() == b"pixels"
        assert aside.reason == f"{TAKEN_OVER}pixels cannot be decoded"
        assert session.scalars(select(Study.state)).one() is StudyState.WAITING
    assert claim(db, (JobKind.DRAFT,), worker="w", lease_seconds=60) is not None
    assert len(files(spool)) == 2


def test_the_same_unusable_bytes_again_bring_nothing(db: Database, spool: Spool) -> None:
    film_id = _damaged(db, spool)
    outcome = take_in(db, spool, received(spool, UID), TO_READ, never_same)
    assert (outcome.kind, outcome.queued) == (IntakeKind.SAME, False)
    with db.read() as session:
        assert session.get_one(Instance, film_id).state is FilmState.QUARANTINED


def test_a_film_that_is_not_unusable_keeps_its_place(db: Database, spool: Spool) -> None:
    film_id = film(db, spool, uid=UID)
    outcome = take_in(db, spool, received(spool, UID, content=b"x"), TO_READ, never_same)
    assert (outcome.kind, outcome.reason) == (IntakeKind.QUARANTINED, OTHER_CONTENT)
    with db.read() as session:
        assert Path(session.get_one(Instance, film_id).path).read_bytes() == b"pixels"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_fetched_copy_never_lowers_what_it_is_for(
    db: Database, spool: Spool, purpose: Purpose
) -> None:
    film_id = _damaged(db, spool)
    copy = received(spool, UID, content=b"whole", purpose=purpose)
    take_in(db, spool, copy, TO_READ, never_same)
    with db.read() as session:
        assert session.get_one(Instance, film_id).purpose is Purpose.READ


def test_two_later_copies_leave_one_in_place(db: Database, spool: Spool) -> None:
    _damaged(db, spool)
    first = take_in(db, spool, received(spool, UID, content=b"one"), TO_READ, never_same)
    second = take_in(db, spool, received(spool, UID, content=b"two"), TO_READ, never_same)
    assert (first.kind, second.kind) == (IntakeKind.REPLACED, IntakeKind.QUARANTINED)
    assert count(db, Instance) == 1
    assert count(db, Quarantine) == 2
