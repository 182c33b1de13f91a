"""A film's draft and what persons made of it, on both databases; a missing one says why."""

import pytest
from sqlalchemy import update

from core.labels import Label
from core.report import ReportKind
from core.states import FilmState, ReviewState
from db.engine import Database
from db.film_review import FilmReview, NoDraft, film_review, is_reading_of
from db.models import Instance, ReadingRow
from db.spool import Spool
from tests.db.builders import film, read_next, reading, reject
from tests.db.reviewing import DOC, accepted, edited, read_again, rejected

_FILM = "1.2.3.4.500"


def _review(db: Database) -> FilmReview:
    with db.read() as session:
        found = film_review(session, 1, _FILM)
    assert found is not None
    return found


def test_versions_and_acts_are_told_in_order(db: Database, spool: Spool) -> None:
    film(db, spool, uid=_FILM)
    said = reading(Label.EDEMA)
    read_next(db, said)
    edited(db, "Mine.")
    accepted(db, "Second^Sam")
    review = _review(db)
    assert [version.kind for version in review.versions] == [
        ReportKind.DRAFT,
        ReportKind.EDITED,
        ReportKind.ACCEPTED,
    ]
    assert [(act.act, act.author) for act in review.acts] == [
        (ReviewState.EDITED, DOC),
        (ReviewState.ACCEPTED, "Second^Sam"),
    ]
    assert review.latest is not None
    assert (review.latest.findings, review.no_draft) == ("Mine.", None)
    assert review.reading == said


def test_a_rejected_draft_is_still_told_of(db: Database, spool: Spool) -> None:
    film(db, spool, uid=_FILM)
    said = reading(Label.EDEMA)
    read_next(db, said)
    rejected(db)
    review = _review(db)
    assert (review.no_draft, review.reading) == (NoDraft.REJECTED, said)
    assert [act.reason for act in review.acts] == ["Wrong side."]


def test_later_readings_beside_a_reviewed_one_are_counted(db: Database, spool: Spool) -> None:
    number = film(db, spool, uid=_FILM)
    read_next(db, reading(Label.EDEMA))
    accepted(db)
    read_again(db, number, reading(Label.FRACTURE))
    assert _review(db).later_readings == 1


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (FilmState.QUEUED, NoDraft.WAITING),
        (FilmState.READING, NoDraft.READING),
        (FilmState.FAILED, NoDraft.FAILED),
        (FilmState.NOT_READ, NoDraft.NOT_READ),
        (FilmState.QUARANTINED, NoDraft.NOT_READ),
        (FilmState.RECEIVED, NoDraft.NOT_OURS),
        (FilmState.READ, NoDraft.NOT_READ),
    ],
)
def test_each_state_without_a_draft_has_its_word(
    db: Database, spool: Spool, state: FilmState, why: NoDraft
) -> None:
    film(db, spool, uid=_FILM)
    with db.write() as session:
        session.execute(update(Instance).values(state=state, reason="why"))
    review = _review(db)
    assert (review.no_draft, review.reason, review.reading, review.versions) == (
        why,
        "why",
        None,
        (),
    )


def test_a_film_that_its_department_rejected_has_no_draft(db: Database, spool: Spool) -> None:
    number = film(db, spool, uid=_FILM)
    read_next(db, reading(Label.EDEMA))
    reject(db, spool, number)
    assert _review(db).no_draft is NoDraft.FILM_REJECTED
    assert _review(db).reading is None


def test_what_a_model_in_shadow_said_is_not_told(db: Database, spool: Spool) -> None:
    film(db, spool, uid=_FILM)
    said = reading(Label.EDEMA)
    read_next(db, said)
    with db.write() as session:
        session.execute(update(ReadingRow).values(shadow=True))
    assert (_review(db).no_draft, _review(db).reading) == (NoDraft.IN_SHADOW, None)
    with db.read() as session:
        assert not is_reading_of(session, 1, _FILM, said.id)


def test_a_film_of_another_study_is_none_of_this_one(db: Database, spool: Spool) -> None:
    film(db, spool, uid=_FILM)
    said = reading(Label.EDEMA)
    read_next(db, said)
    film(db, spool, uid="1.2.3.4.501", study="1.2.9")
    with db.read() as session:
        assert film_review(session, 1, "1.2.3.4.501") is None
        assert is_reading_of(session, 1, _FILM, said.id)
        assert not is_reading_of(session, 2, _FILM, said.id)
        assert not is_reading_of(session, 1, "1.2.3.4.501", said.id)
