"""The worklist's pages and calls without a browser: what they say, of whom, and to whom.

What is listed and in which order is tested in tests/db; news in test_worklist_live.py, keys and
what is searched for in a browser in tests/browser/test_worklist.py.
"""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from core.reading import new_reading_id
from core.states import FilmState
from db.models import Study
from db.readings import film_failed, store_flags
from db.received import PatientFacts, ReadDecision
from db.restrictions import restrict_study
from tests.db.builders import claim_draft, film, flags, model, read_next, reading
from tests.web.room import Room, open_room
from web.worklist.query import filters_of, query_of

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
OTHERS = [role for role in AccountRole if role is not AccountRole.RADIOLOGIST]


def fill(room: Room) -> None:
    """A draft, one that is still read, a failed film and one that was not read."""
    film(room.db, room.spool, study="1.1", accession="A1")
    read_next(room.db, reading(Label.PNEUMOTHORAX))
    film(room.db, room.spool, study="1.2")
    store_flags(
        room.db, claim_draft(room.db), new_reading_id(), model(), flags(Label.EDEMA), idle_seconds=0
    )
    film(room.db, room.spool, study="1.3")
    film_failed(room.db, claim_draft(room.db), "the words make no sense")
    not_read = ReadDecision(FilmState.NOT_READ, "older than 48 hours", "age")
    film(room.db, room.spool, study="1.4", decision=not_read)


def parts(page: str) -> tuple[str, str]:
    """Give the list of drafts, and what stands beside it."""
    main, _, beside = page.partition('<section class="worklist-beside"')
    return main, beside


def shown(page: str) -> list[str]:
    return re.findall(r'data-study="([^"]+)"', page)


@pytest.fixture
def radiologist(room: Room) -> TestClient:
    """A radiologist at a browser."""
    return room.visitor(AccountRole.RADIOLOGIST, name="dora")


def test_what_has_no_result_stands_in_a_place_of_its_own(
    room: Room, radiologist: TestClient
) -> None:
    fill(room)
    main, beside = parts(radiologist.get("/worklist").text)
    assert shown(main) == ["1.1"]
    assert "pneumothorax" in main
    # Higher tier first, then age.
    assert shown(beside) == ["1.2", "1.3", "1.4"]
    for words in ("Failed", "the words make no sense", "Not read", "older than 48 hours"):
        assert words in beside
    assert "Not a whole reading" in beside
    assert "Nothing flagged" not in beside
    assert 'data-count="no_result">3<' in main
    alone = radiologist.get("/worklist?place=no_result").text
    assert shown(alone) == ["1.2", "1.3", "1.4"]
    assert alone.count("No AI result</span>") == 2
    assert "Nothing flagged" not in alone


def test_nothing_flagged_is_said_of_a_whole_reading_alone(
    room: Room, radiologist: TestClient
) -> None:
    film(room.db, room.spool)
    assert "Nothing flagged" not in radiologist.get("/worklist?place=all").text
    read_next(room.db, reading())
    assert "Nothing flagged" in radiologist.get("/worklist?place=all").text


def test_filters_live_in_the_address(room: Room, radiologist: TestClient) -> None:
    fill(room)
    page = radiologist.get("/worklist?tier=urgent&label=pneumothorax&period=day").text
    assert shown(parts(page)[0]) == ["1.1"]
    for chosen in ('value="urgent" selected', 'value="pneumothorax" selected'):
        assert chosen in page
    # The way into a study keeps them, for its next and previous ones.
    link = re.search(r'href="(/studies/1.1\?[^"]+)"', page)
    assert link is not None
    assert html.unescape(link[1]).endswith("?tier=urgent&label=pneumothorax&period=day")
    assert shown(radiologist.get("/worklist?state=failed").text) == ["1.3"]
    assert shown(radiologist.get("/worklist?only=overdue").text) == []


@pytest.mark.parametrize(
    "query",
    ["place=nowhere", "place=x", "state=x", "tier=3", "label=x", "period=x", "only=x", "after=x"],
)
@pytest.mark.parametrize("path", ["/worklist", "/worklist/lists", "/api/v1/worklist"])
def test_filters_that_are_none_are_refused(radiologist: TestClient, path: str, query: str) -> None:
    assert radiologist.get(f"{path}?{query}").status_code == 422


def test_an_address_gives_its_filters_back() -> None:
    for query in (
        "",
        "place=all",
        "place=done&tier=raised",
        "place=no_result&state=failed&label=lung+lesion&period=week&only=mine",
        "place=all&only=overdue",
    ):
        values = dict(pair.split("=") for pair in query.replace("+", " ").split("&") if pair)
        assert query_of(filters_of(values)) == query


def test_what_is_searched_for_stands_in_no_address(room: Room, radiologist: TestClient) -> None:
    fill(room)
    answer = radiologist.post("/worklist/search", data={"text": "doe a1"})
    assert shown(answer.text) == ["1.1"]
    assert "doe" not in " ".join(re.findall(r'href="([^"]+)"', answer.text)).lower()
    assert radiologist.post("/worklist/search", data={"text": "roe"}).text.count("fits") == 1
    assert radiologist.post("/worklist/search", data={"text": "x" * 65}).status_code == 422
    del radiologist.headers["x-csrf-token"]
    assert radiologist.post("/worklist/search", data={"text": "doe"}).status_code == 403


def test_pages_go_on(room: Room, radiologist: TestClient) -> None:
    for number in range(52):
        film(room.db, room.spool, study=f"1.{number}")
    first = radiologist.get("/worklist?place=no_result").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = radiologist.get(html.unescape(following[1])).text
    assert shown(first) + shown(second) == [f"1.{number}" for number in range(52)]
    assert "First page" in second
    beside = parts(radiologist.get("/worklist").text)[1]
    assert len(shown(beside)) == 30
    assert "All without a result" in beside


def test_headers_and_reasons_are_text(room: Room, radiologist: TestClient) -> None:
    patient = PatientFacts(HOSTILE, "H", f"{HOSTILE}^{HOSTILE}", HOSTILE, HOSTILE)
    decision = ReadDecision(FilmState.NOT_READ, HOSTILE, "test")
    facts: dict[str, Any] = {"accession": HOSTILE, "study_description": HOSTILE, "view": HOSTILE}
    film(room.db, room.spool, patient=patient, decision=decision, **facts)
    for path in ("/worklist", "/worklist?place=all", "/worklist/lists?place=no_result"):
        page = radiologist.get(path).text
        assert "<img" not in page
        assert "&lt;img" in page


def test_a_restricted_study_is_nobodys(room: Room, radiologist: TestClient) -> None:
    fill(room)
    room.visitor(AccountRole.RADIOLOGIST, name="eve")
    with room.db.write() as session:
        restrict_study(session, "1.1", ["eve"], "a member of staff", actor="admin")
    page, _ = parts(radiologist.get("/worklist").text)
    assert "Restricted study" in page
    row = page[page.index("<tbody>") :]
    for secret in ("DOE", "P1", "A1", "1970", "</ul>"):
        assert secret not in row
    assert shown(radiologist.post("/worklist/search", data={"text": "a1"}).text) == []
    (study,) = radiologist.get("/api/v1/worklist").json()["studies"]
    assert (study["patient"], study["flags"], study["tier"]) == (None, [], "urgent")
    # Another person's list is not made of this one's, however quickly it is asked for.
    eve = room.visitor(AccountRole.RADIOLOGIST, name="frida")
    with room.db.write() as session:
        restrict_study(session, "1.1", ["frida"], "a member of staff", actor="admin")
    headers = {"x-edition": room.application.state.services.live.edition}
    assert "DOE" in parts(eve.get("/worklist/lists", headers=headers).text)[0]
    again = parts(radiologist.get("/worklist/lists", headers=headers).text)[0]
    assert "DOE" not in again
    assert "Restricted study" in again


@pytest.mark.parametrize("role", OTHERS)
def test_it_is_for_radiologists_alone(room: Room, role: AccountRole) -> None:
    visitor = room.visitor(role)
    for path in ("/worklist", "/worklist/lists", "/worklist/live", "/api/v1/worklist"):
        assert visitor.get(path).status_code == 403
    assert visitor.post("/worklist/search", data={"text": "doe"}).status_code == 403


def test_programs_get_the_same(room: Room, radiologist: TestClient) -> None:
    fill(room)
    answer = radiologist.get("/api/v1/worklist").json()
    (study,) = answer["studies"]
    assert answer["following"] is None
    assert study["study_uid"] == "1.1"
    assert study["patient"]["name"] == "DOE^JANE"
    assert study["flags"] == [{"label": "pneumothorax", "presence": "present"}]
    assert (study["place"], study["tier"], study["answered"]) == ("drafts", "urgent", True)
    without = radiologist.get("/api/v1/worklist?place=no_result").json()["studies"]
    assert [one["study_uid"] for one in without] == ["1.2", "1.3", "1.4"]
    assert not any(one["answered"] for one in without)
    found = radiologist.post("/api/v1/worklist/search?place=all", json={"text": "A1"}).json()
    assert [one["study_uid"] for one in found["studies"]] == ["1.1"]
    counts = radiologist.get("/api/v1/worklist/counts").json()
    assert counts == {
        "drafts": {"urgent": 1},
        "no_result": {"waiting": 1, "failed": 1, "not_read": 1},
        "overdue": 0,
    }


def test_the_lists_say_where_they_end(room: Room, radiologist: TestClient) -> None:
    fill(room)
    page = radiologist.get("/worklist/lists").text
    found = re.search(r'id="worklist-shown">([^<]+)<', page)
    assert found is not None
    values = json.loads(found[1])
    assert (values["place"], values["urgentFirst"], values["last"]) == ("drafts", True, None)
    assert (values["drafts"], values["noResult"], values["overdue"]) == (1, 3, 0)


def test_the_bar_of_every_page_counts_flags_that_nobody_opened(room: Room) -> None:
    fill(room)
    bar = re.compile(r'<a class="overdue" href="/worklist\?only=overdue"[^>]*>')
    quiet = bar.search(room.visitor(AccountRole.RADIOLOGIST).get("/account").text)
    assert quiet is not None
    assert quiet[0].endswith(" hidden>")
    with room.db.write() as session:
        for study in session.query(Study).where(Study.uid.in_(("1.1", "1.3"))):
            study.unseen_since = now() - timedelta(days=1)
    # Another process, which counted nothing yet.
    later = open_room(room.settings.data.parent, room.settings.database_url)
    both = later.visitor(AccountRole.RADIOLOGIST, AccountRole.ADMINISTRATOR)
    for path in ("/worklist", "/account", "/operations"):
        page = both.get(path).text
        told = bar.search(page)
        assert told is not None
        assert not told[0].endswith(" hidden>")
        # What failed has no flag to open.
        assert '<span class="number" data-count="overdue">1</span>' in page
    for role in OTHERS:
        assert bar.search(room.visitor(role).get("/account").text) is None
    assert bar.search(room.stranger().get("/sign-in").text) is None
