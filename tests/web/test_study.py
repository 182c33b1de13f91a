"""A study's page, without a browser: whose it is, its films and where they stand.

What the viewer does is in tests/browser/test_viewer.py; review and chat have their own tests.
"""

from core.accounts import AccountRole
from tests.db.builders import film
from tests.web.room import Room

RADIOLOGIST = AccountRole.RADIOLOGIST


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
