"""Films that come after a review and end without a reading: the study waits for a person again.

Covered, on both databases: each way in which such a film ends, what leaves a review as it is, and
how a person finishes such a study. The page's way to it is in tests/web/test_review.py.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.errors import ReviewRefusedError
from core.labels import Label
from core.places import Place
from core.states import FilmState, Purpose, ReviewState, Standing, StudyState
from db.engine import Database
from db.jobs import Claim
from db.models import AuditAction, Study
from db.readings import film_failed, film_for, film_not_read, film_quarantined, store_reading
from db.received import ReadDecision
from db.spool import Spool
from tests.db.builders import (
    claim_draft,
    film,
    let_show,
    model,
    read_next,
    reading,
    reject,
    sign,
)
from tests.db.reviewing import OTHER, accepted, edited, events, rejected, row, seen

LATERAL = ReadDecision(FilmState.NOT_READ, "a lateral view", "view")


def _in_shadow(db: Database, held: Claim) -> None:
    let_show(db, model(), standing=Standing.SHADOW)
    store_reading(db, held, reading(Label.PNEUMOTHORAX), idle_seconds=0)


ENDS: dict[str, tuple[Callable[[Database, Claim], object], StudyState]] = {
    "failed": (lambda db, held: film_failed(db, held, "unparseable"), StudyState.FAILED),
    "not read": (lambda db, held: film_not_read(db, held, "cut"), StudyState.NOT_READ),
    "unusable": (lambda db, held: film_quarantined(db, held, "torn"), StudyState.NOT_READ),
    "in shadow": (_in_shadow, StudyState.NOT_READ),
}


def _stands(db: Database) -> tuple[StudyState, Place, ReviewState]:
    with db.read() as session:
        study = session.scalars(select(Study)).one()
        return study.state, study.place, study.review


DONE = (StudyState.ACCEPTED, Place.DONE, ReviewState.ACCEPTED)


def _next(db: Database) -> Claim:
    held = claim_draft(db)
    film_for(db, held)
    return held


def _reviewed(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    accepted(db)
    assert _stands(db) == DONE


@pytest.mark.parametrize("end", ENDS)
def test_the_study_waits_until_a_person_accepts_once_more(
    db: Database, spool: Spool, end: str
) -> None:
    _reviewed(db, spool)
    film(db, spool)
    ends, state = ENDS[end]
    ends(db, _next(db))
    assert _stands(db) == (state, Place.NO_RESULT, ReviewState.NONE)
    assert row(db).reviews == (ReviewState.ACCEPTED, ReviewState.NONE)
    before = seen(db).version
    # The same person, of the same version, which need not leave once more.
    assert accepted(db) == before
    assert _stands(db) == DONE
    assert len(events(db, AuditAction.DRAFT_ACCEPTED)) == 2
    with pytest.raises(ReviewRefusedError, match="that person's already"):
        accepted(db)


@pytest.mark.parametrize("act", [lambda db: accepted(db, OTHER), edited])
def test_any_later_act_finishes_it(
    db: Database, spool: Spool, act: Callable[[Database], object]
) -> None:
    _reviewed(db, spool)
    film(db, spool)
    film_failed(db, _next(db), "unparseable")
    act(db)
    assert _stands(db)[1] is Place.DONE


def test_a_signed_report_finishes_it(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    rejected(db)
    film(db, spool)
    film_failed(db, _next(db), "unparseable")
    assert _stands(db) == (StudyState.FAILED, Place.NO_RESULT, ReviewState.NONE)
    sign(db, spool)
    assert _stands(db)[1] is Place.DONE


def test_a_film_that_was_on_its_way_when_a_person_acted_ended_later(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    read_next(db, reading())
    film(db, spool)
    held = _next(db)
    accepted(db)
    assert _stands(db)[1] is Place.NO_RESULT
    film_failed(db, held, "unparseable")
    assert _stands(db) == (StudyState.FAILED, Place.NO_RESULT, ReviewState.NONE)


def test_what_the_person_knew_of_stays_reviewed(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    film(db, spool)
    film_failed(db, _next(db), "unparseable")
    accepted(db)
    assert _stands(db) == DONE


@pytest.mark.parametrize("what", ["lateral", "audit", "rejected"])
def test_what_was_not_to_be_read_changes_nothing(db: Database, spool: Spool, what: str) -> None:
    _reviewed(db, spool)
    if what == "lateral":
        film(db, spool, decision=LATERAL)
    else:
        purpose = Purpose.AUDIT if what == "audit" else Purpose.READ
        late = film(db, spool, purpose=purpose)
        film_failed(db, _next(db), "unparseable")
        if what == "rejected":
            assert _stands(db)[1] is Place.NO_RESULT
            reject(db, spool, late)
    assert _stands(db) == DONE


def test_another_draft_that_waits_is_still_a_draft(db: Database, spool: Spool) -> None:
    _reviewed(db, spool)
    for _ in range(2):
        film(db, spool)
    film_not_read(db, _next(db), "cut")
    read_next(db, reading())
    assert _stands(db)[:2] == (StudyState.DRAFT_READY, Place.DRAFTS)
