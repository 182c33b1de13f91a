"""A study's page, without a browser: whose it is, its films and where they stand, earlier films.

What the viewer does is in tests/browser/test_viewer.py; review and chat have their own tests.
"""

from datetime import UTC, datetime

import pytest

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from core.states import FilmState, Purpose
from db.models import Instance, Study
from db.received import PatientFacts, ReadDecision
from db.restrictions import restrict_study
from tests.db.builders import film, read_next, reading
from tests.web.room import Room

RADIOLOGIST = AccountRole.RADIOLOGIST
EARLIER = datetime(2025, 1, 1, tzinfo=UTC)


def test_a_study_is_shown_with_its_films(room: Room) -> None:
    film(room.db, room.spool, uid="1.2.3.4.100")
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3")
    assert page.status_code == 200
    assert "DOE, JANE" in page.text
    assert "<dd>P1</dd>" in page.text
    assert "/studies/1.2.3/films/1.2.3.4.100/review" in page.text
    assert "/studies/1.2.3/films/1.2.3.4.100/chat" in page.text


def test_a_film_of_another_study_is_none_of_this_one(room: Room) -> None:
    film(room.db, room.spool, uid="1.2.3.4.100")
    film(room.db, room.spool, uid="1.2.3.4.101", study="1.2.9")
    radiologist = room.visitor(RADIOLOGIST)
    assert radiologist.get("/studies/1.2.3?film=1.2.3.4.101").status_code == 404
    assert radiologist.get("/studies/1.2.9?film=1.2.3.4.101").status_code == 200


def test_there_is_no_page_of_a_study_that_is_not_here(room: Room) -> None:
    assert room.visitor(RADIOLOGIST).get("/studies/1.2.3").status_code == 404


def test_the_film_with_a_draft_is_opened_first(room: Room) -> None:
    not_read = ReadDecision(FilmState.NOT_READ, "not frontal: lateral", "view")
    film(room.db, room.spool, uid="1.2.3.4.100", decision=not_read, view="lateral")
    film(room.db, room.spool, uid="1.2.3.4.101", view="AP")
    read_next(room.db, reading(Label.EDEMA))
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    assert 'data-film="1.2.3.4.101"' in page
    assert "AI draft" in page
    assert "No AI result" not in page


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (ReadDecision(FilmState.QUEUED, None, "test"), "waits to be read"),
        (ReadDecision(FilmState.NOT_READ, "<b>old</b>", "test"), "&lt;b&gt;old&lt;/b&gt;"),
    ],
)
def test_what_has_no_result_says_so(room: Room, decision: ReadDecision, words: str) -> None:
    film(room.db, room.spool, decision=decision)
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    assert "No AI result." in page
    assert words in page


def test_a_film_without_pixels_says_so_and_is_not_asked_for(room: Room) -> None:
    film(room.db, room.spool)
    with room.db.write() as session:
        session.query(Instance).one().removed_at = now()
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    assert "removed by the rule of retention" in page
    assert 'id="film-pane"' not in page


def test_films_of_an_audit_are_not_shown(room: Room) -> None:
    film(room.db, room.spool, uid="1.2.3.4.100", purpose=Purpose.AUDIT)
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    assert "No film of this study is here" in page
    assert "1.2.3.4.100" not in page


def _with_an_earlier_study(room: Room) -> None:
    film(room.db, room.spool, uid="1.2.9.1", study="1.2.9", acquired_at=EARLIER)
    film(room.db, room.spool, uid="1.2.3.4.100", acquired_at=now())


def test_an_earlier_film_can_be_shown_beside(room: Room) -> None:
    _with_an_earlier_study(room)
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    assert 'data-address="/api/v1/studies/1.2.9/films/1.2.9.1"' in page


def test_an_earlier_film_of_a_study_that_one_may_not_open_is_not_told_of(room: Room) -> None:
    _with_an_earlier_study(room)
    room.visitor(RADIOLOGIST, name="somebody")
    with room.db.write() as session:
        restrict_study(session, "1.2.9", ["somebody"], "a colleague", actor="admin")
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    assert "1.2.9.1" not in page
    assert "none here" in page


def test_the_heading_is_text(room: Room) -> None:
    patient = PatientFacts("<i>1", "HOSPITAL", "<script>alert(1)</script>^J", "<u>", "F")
    film(room.db, room.spool, patient=patient)
    with room.db.write() as session:
        session.query(Study).one().description = '"><img src=x>'
    page = room.visitor(RADIOLOGIST).get("/studies/1.2.3").text
    for markup in ("<script>alert", "<i>", "<u>", "<img src=x"):
        assert markup not in page
