"""The review panel, without a browser: what stands, what may be done, and what is never normal.

The calls behind its buttons are in test_review_calls.py; scripts run in a browser, tests/browser.
"""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.labels import Label
from core.places import Place
from core.reading import DraftReport
from core.states import FilmState
from db.models import Instance, Study
from db.readings import film_failed, film_for
from tests.db.builders import claim_draft, film
from tests.web.drafts import CALLS, FILM, PANEL, STUDY, drafted, said_of
from tests.web.room import Room

RADIOLOGIST = AccountRole.RADIOLOGIST


def test_a_draft_is_shown_with_its_findings(room: Room) -> None:
    drafted(room, Label.PNEUMOTHORAX)
    page = room.visitor(RADIOLOGIST).get(PANEL)
    assert page.status_code == 200
    assert "AI draft" in page.text
    assert "not reviewed by anybody" in page.text
    assert "Pneumothorax" in page.text
    assert "Said to be absent: 1" in page.text


def test_a_sentence_leads_to_its_finding_and_nothing_is_lost_of_the_text(room: Room) -> None:
    draft = drafted(room, Label.PNEUMOTHORAX, Label.FRACTURE)
    page = room.visitor(RADIOLOGIST).get(PANEL).text
    first, second, denied = draft.said.findings
    for finding in (first, second, denied):
        assert f'href="#{finding.id}" data-leads="{finding.id}">{finding.sentence}</a>' in page
        assert f'id="{finding.id}"' in page
    report = page[page.index("data-report") : page.index("data-editor")]
    words = re.sub(r"<[^>]+>", "", report)
    assert draft.said.report.findings in words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (FilmState.QUEUED, "waits to be read"),
        (FilmState.READING, "is being read"),
        (FilmState.FAILED, "could not be read"),
        (FilmState.NOT_READ, "was not read"),
    ],
)
def test_a_missing_draft_is_said_to_be_missing(room: Room, state: FilmState, words: str) -> None:
    number = film(room.db, room.spool, uid=FILM)
    with room.db.write() as session:
        values = {"state": state, "reason": "because of it"}
        session.execute(update(Instance).where(Instance.id == number).values(values))
    page = room.visitor(RADIOLOGIST).get(PANEL).text
    assert "No AI result" in page
    assert words in page
    assert "because of it" in page
    assert "data-accept" not in page
    assert "data-finding" not in page


def test_a_model_in_shadow_shows_nothing(room: Room) -> None:
    draft = drafted(room, Label.PNEUMOTHORAX, shadow=True)
    page = room.visitor(RADIOLOGIST).get(PANEL).text
    assert "A model in shadow" in page
    assert draft.said.report.findings not in page
    answer = room.visitor(RADIOLOGIST).get(CALLS).json()
    assert (answer["no_draft"], answer["versions"], answer["findings"]) == ("in_shadow", [], [])


def test_a_draft_without_findings_still_says_what_it_is(room: Room) -> None:
    drafted(room, said=said_of(denied=None))
    page = room.visitor(RADIOLOGIST).get(PANEL).text
    assert "The draft states no finding as present or uncertain" in page
    assert "normal" not in page.replace("abnormal", "")


def test_words_of_models_are_text(room: Room) -> None:
    said = said_of(Label.FRACTURE)
    hostile = "<script>alert(1)</script> </textarea> &amp; </script>"
    drafted(room, said=replace(said, report=DraftReport(hostile, hostile), sentences=()))
    page = room.visitor(RADIOLOGIST).get(PANEL).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;/textarea&gt; &amp;amp;" in page


def test_a_film_of_another_study_is_none_of_this_one(room: Room) -> None:
    drafted(room, Label.FRACTURE)
    film(room.db, room.spool, uid="1.2.9.1", study="1.2.9")
    radiologist = room.visitor(RADIOLOGIST)
    assert radiologist.get(f"/studies/{STUDY}/films/1.2.9.1/review").status_code == 404
    assert radiologist.get(f"/studies/1.2.9/films/{FILM}/review").status_code == 404


def test_what_is_signed_is_shown_before_with_each_change(room: Room) -> None:
    draft = drafted(room, Label.FRACTURE)
    radiologist = room.visitor(RADIOLOGIST)
    form = {
        "version_id": draft.version_id,
        "way": "edit",
        "findings": "There is no fracture.\r\nNo edema is seen.",
        "impression": "As above.",
    }
    page = radiologist.post(f"{PANEL}/signing", data=form).text
    assert re.search(r"<ins>.*?no.*?</ins>", page, re.DOTALL)
    assert "preliminary report" in page
    assert "You sign as Person, 1." in page
    assert re.search(r"data-sign-now disabled", page)


def test_who_signs_what_they_called_wrong_is_asked_to_look_again(room: Room) -> None:
    draft = drafted(room, Label.FRACTURE)
    radiologist = room.visitor(RADIOLOGIST)
    finding = {"reading_id": draft.said.id, "finding_id": draft.said.findings[0].id}
    radiologist.post(f"{CALLS}/verdicts", json={**finding, "verdict": "wrong"})
    added = {**finding, "finding_id": None, "verdict": "missed", "label": "pneumothorax"}
    radiologist.post(f"{CALLS}/verdicts", json=added)
    asked = {"version_id": draft.version_id, "way": "accept"}
    page = radiologist.post(f"{PANEL}/signing", data=asked).text
    assert "You called “fracture” wrong" in page
    assert "You added “pneumothorax” as missed" in page
    words = {"findings": "There is a pneumothorax.", "impression": ""}
    page = radiologist.post(f"{PANEL}/signing", data={**asked, "way": "edit", **words}).text
    assert "data-contradictions" not in page


def test_what_another_signed_meanwhile_is_not_signed_over(room: Room) -> None:
    draft = drafted(room, Label.FRACTURE)
    first, second = room.visitor(RADIOLOGIST), room.visitor(RADIOLOGIST)
    said = {"version_id": draft.version_id}
    assert first.post(f"{CALLS}/accept", json=said).status_code == 200
    asked = second.post(f"{PANEL}/signing", data={**said, "way": "accept"})
    assert asked.status_code == 409


def test_paper_says_what_it_is(room: Room) -> None:
    draft = drafted(room, Label.FRACTURE)
    radiologist = room.visitor(RADIOLOGIST)
    page = radiologist.get(f"/studies/{STUDY}/print").text
    assert "AI DRAFT" in page.upper()
    assert "DOE, JANE" in page
    assert draft.said.report.findings in page
    radiologist.post(f"{CALLS}/accept", json={"version_id": draft.version_id})
    signed = radiologist.get(f"/studies/{STUDY}/print").text
    assert "Accepted by Person, 1" in signed
    assert "preliminary: not the final report" in signed


def test_paper_without_a_reading_is_no_report(room: Room) -> None:
    film(room.db, room.spool, uid=FILM)
    page = room.visitor(RADIOLOGIST).get(f"/studies/{STUDY}/print").text
    assert "waits to be read" in page
    assert "Nothing is known of it yet" in page


def test_what_lacks_a_reading_since_is_accepted_once_more(room: Room) -> None:
    draft = drafted(room, Label.FRACTURE)
    radiologist = room.visitor(RADIOLOGIST)
    signed = radiologist.post(f"{CALLS}/accept", json={"version_id": draft.version_id}).json()
    assert "data-accept " not in radiologist.get(PANEL).text
    film(room.db, room.spool)
    held = claim_draft(room.db)
    film_for(room.db, held)
    film_failed(room.db, held, "no sense")
    page = radiologist.get(PANEL).text
    assert "ended without a reading since the last review" in page
    assert "data-accept " in page
    said = {"version_id": signed["version"]["id"]}
    asked = radiologist.post(f"{PANEL}/signing", data={**said, "way": "accept"})
    assert asked.status_code == 200
    assert radiologist.post(f"{CALLS}/accept", json=said).status_code == 200
    assert "data-accept " not in radiologist.get(PANEL).text
    with room.db.read() as session:
        assert session.scalars(select(Study.place)).one() is Place.DONE
