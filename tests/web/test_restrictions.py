"""A restricted study is opened by who is named, or by who breaks the glass, which nobody overlooks.

Every route that bears a study's UID is asked, by the table of all routes; lists are asked for the
patient's name. That the worklist says "restricted" in its place is its own tests' matter.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.accounts import AccountRole
from core.clock import now
from db.models import AuditAction, AuditEvent, BreakGlass
from db.received import PatientFacts
from db.restrictions import restrict_study
from tests.db.builders import film, read_next, reading
from tests.web.room import Room
from tests.web.route_roles import RADIOLOGISTS

STUDY, FILM = "1.2.3", "1.2.3.9"
REASON = "the patient collapsed in the scanner"
NAME = "quackenbush"
_ABOUT_A_STUDY = [
    line
    for line in RADIOLOGISTS.split("\n")
    if re.search(r"\{study(_uid)?\}", line) and "break-glass" not in line
]


@pytest.fixture
def restricted(room: Room) -> Room:
    """A room with one study, which only `named` opens."""
    patient = PatientFacts("P1", "HOSPITAL", "QUACKENBUSH^ANNA", "19700101", "F")
    film(room.db, room.spool, uid=FILM, patient=patient)
    read_next(room.db, reading())
    room.visitor(AccountRole.RADIOLOGIST, name="named")
    with room.db.write() as session:
        restrict_study(session, STUDY, ["named"], "member of our own staff", actor="test")
    return room


def _events(room: Room, action: AuditAction) -> list[AuditEvent]:
    with room.db.read() as session:
        found = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        return list(session.scalars(found))


def test_no_route_shows_or_changes_it(restricted: Room) -> None:
    assert len(_ABOUT_A_STUDY) > 40
    other = restricted.visitor(AccountRole.RADIOLOGIST)
    uids = {"study": STUDY, "study_uid": STUDY, "film_uid": FILM, "instance": FILM}
    for line in _ABOUT_A_STUDY:
        method, path = line.split(" ")
        filled = re.sub(r"\{(\w+)[^}]*\}", lambda found: uids.get(found[1], "1"), path)
        answer = other.request(method, filled, json={})
        if answer.status_code == 422:
            # What was asked did not fit, which is told before anything else; nothing was looked up.
            assert NAME not in answer.text.lower(), line
            continue
        browser = not path.startswith(("/api/", "/dicom-web/")) and method == "GET"
        assert answer.status_code == (303 if browser else 403), line
        assert NAME not in answer.text.lower(), line
        if browser:
            assert answer.headers["location"].startswith(f"/studies/{STUDY}/break-glass?next="), (
                line
            )
    assert _events(restricted, AuditAction.STUDY_VIEWED) == []


@pytest.mark.parametrize(
    "path", ["/worklist", "/worklist/lists", "/api/v1/worklist", "/dicom-web/studies"]
)
def test_no_list_says_whose_it_is(restricted: Room, path: str) -> None:
    other = restricted.visitor(AccountRole.RADIOLOGIST)
    assert NAME not in other.get(path).text.lower()


def test_a_list_says_of_it_where_it_stands_and_no_more(restricted: Room) -> None:
    other = restricted.visitor(AccountRole.RADIOLOGIST)
    (study,) = other.get("/api/v1/worklist", params={"place": "all"}).json()["studies"]
    said = {name for name, value in study.items() if value not in (None, [], False)}
    assert said == {"study_uid", "place", "state", "review", "tier", "received_at", "answered"}
    page = other.get("/worklist", params={"place": "all"}).text
    assert "Restricted study" in page
    assert "demo model" not in page
    assert "not opened" not in page


def test_who_is_named_opens_it(restricted: Room) -> None:
    named = restricted.visitor(AccountRole.RADIOLOGIST, name="second")
    with restricted.db.write() as session:
        restrict_study(session, STUDY, ["second"], "member of our own staff", actor="test")
    answer = named.get(f"/studies/{STUDY}")
    assert answer.status_code == 200
    assert NAME in answer.text.lower()


def test_breaking_the_glass_opens_it_for_a_while_and_is_loud(restricted: Room) -> None:
    other = restricted.visitor(AccountRole.RADIOLOGIST, name="other")
    glass = f"/studies/{STUDY}/break-glass"
    shown = other.get(glass)
    assert shown.status_code == 200
    assert NAME not in shown.text.lower()
    assert other.post(glass, data={"reason": "because"}).status_code == 422
    done = other.post(glass, data={"reason": REASON, "next": f"/studies/{STUDY}?film={FILM}"})
    assert done.headers["location"] == f"/studies/{STUDY}?film={FILM}"
    page = other.get(done.headers["location"])
    assert page.status_code == 200
    assert "breaking the glass" in page.text
    (event,) = _events(restricted, AuditAction.GLASS_BROKEN)
    assert (event.actor, event.details["reason"]) == ("other", REASON)
    assert _events(restricted, AuditAction.STUDY_VIEWED)[0].details == {"glass_broken": True}
    boss = restricted.visitor(AccountRole.ADMINISTRATOR)
    assert REASON in boss.get("/operations/users").text
    third = restricted.visitor(AccountRole.RADIOLOGIST)
    assert third.get(f"/api/v1/studies/{STUDY}").status_code == 403


def test_the_glass_is_whole_again_later(restricted: Room) -> None:
    other = restricted.visitor(AccountRole.RADIOLOGIST)
    other.post(f"/studies/{STUDY}/break-glass", data={"reason": REASON})
    assert other.get(f"/api/v1/studies/{STUDY}").status_code == 200
    with restricted.db.write() as session:
        session.scalars(select(BreakGlass)).one().until = now() - timedelta(seconds=1)
    assert other.get(f"/api/v1/studies/{STUDY}").status_code == 403


def test_a_viewing_is_one_event_however_many_requests_it_takes(room: Room) -> None:
    film(room.db, room.spool, uid=FILM)
    one, two = (room.visitor(AccountRole.RADIOLOGIST, name=name) for name in ("one", "two"))
    for _ in range(3):
        one.get(f"/studies/{STUDY}")
        one.get(f"/api/v1/studies/{STUDY}")
    two.get(f"/api/v1/studies/{STUDY}")
    assert [event.actor for event in _events(room, AuditAction.STUDY_VIEWED)] == ["one", "two"]
