"""The JSON API's description, its page, a study's calls, and readings for researchers.

Covered: every call is described with its roles, and no page is; what a study's calls give and hide;
pseudonyms, paging and what of a patient must not get out. Not covered: the calls of reviews, chat
and operations, which are tested beside their pages.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.errors import SettingsError
from core.labels import Label
from core.reading import DraftReport, Reading
from core.states import Verdict
from db.models import Account, AuditAction, AuditEvent, ReadingRow
from db.restrictions import restrict_study
from db.verdicts import judge
from tests.db.builders import read_next, reading
from tests.web.films import store_film
from tests.web.room import Room
from web.access.guard import guard_of
from web.api.pseudonyms import Pseudonyms, without_names
from web.application import routes

DESCRIPTION = "/api/v1/openapi.json"


def read_film(room: Room, said: Reading | None = None, **values: Any) -> tuple[str, str, Reading]:
    """Store a film and a reading of it; give the UIDs of study and film, and the reading."""
    film = store_film(room, **values)
    said = said or reading(Label.PLEURAL_EFFUSION)
    read_next(room.db, said)
    return film.StudyInstanceUID, film.SOPInstanceUID, said


def told(client: TestClient, path: str, **parameters: str) -> list[dict[str, Any]]:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_every_call_is_described_with_its_roles(room_of_module: Room) -> None:
    answer = room_of_module.visitor(AccountRole.AUDITOR).get(DESCRIPTION)
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}
    described = {
        (method.upper(), path): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    seen = set()
    for route in routes(room_of_module.application):
        guard = guard_of(route)
        assert guard is not None
        for method in getattr(route, "methods", None) or ():
            key = (method, route.path_format)  # type: ignore[attr-defined]
            if not guard.programs:
                assert key not in described
                continue
            seen.add(key)
            assert set(described[key]["x-roles"]) == {role.value for role in guard.roles or ()}
            assert described[key]["description"], key
            assert "422" not in described[key]["responses"]
    assert seen == set(described)
    assert ("GET", "/dicom-web/studies") in seen


def test_what_is_described_can_be_resolved(room_of_module: Room) -> None:
    text = room_of_module.visitor(AccountRole.AUDITOR).get(DESCRIPTION).text
    document = json.loads(text)
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in document["components"]["schemas"]


def test_the_page_shows_every_call(room_of_module: Room) -> None:
    client = room_of_module.visitor(AccountRole.RESEARCHER)
    page = client.get("/api")
    assert page.status_code == 200
    text = page.text.replace("<wbr>", "")
    assert text.index(">readings</h2>") < text.index(">DICOMweb: search</h2>")
    for path in client.get(DESCRIPTION).json()["paths"]:
        assert path in text
    assert room_of_module.stranger().get(DESCRIPTION).status_code == 401
    assert room_of_module.stranger().get("/api").status_code == 303


def test_a_study_with_all_that_was_said_of_it(room: Room) -> None:
    study_uid, film_uid, said = read_film(room, AccessionNumber="A-1")
    client = room.visitor(AccountRole.RADIOLOGIST)
    with room.db.write() as session:
        account = session.scalars(select(Account)).one()
        judge(session, said.id, account, Verdict.WRONG, finding_id=said.findings[0].id)
    values = client.get(f"/api/v1/studies/{study_uid}").json()
    assert values["patient"]["name"] == "Testfrau^Erika"
    assert (values["accession"], values["state"], values["tier"]) == (
        "A-1",
        "draft_ready",
        "raised",
    )
    (film,) = values["films"]
    assert (film["film_uid"], film["state"], film["read_in_shadow"]) == (film_uid, "read", False)
    (summary,) = film["readings"]
    assert (summary["id"], summary["whole"], summary["current"]) == (said.id, True, True)
    assert [one["kind"] for one in summary["versions"]] == ["draft"]
    assert [one["verdict"] for one in summary["verdicts"]] == ["wrong"]
    whole = client.get(f"/api/v1/studies/{study_uid}/films/{film_uid}/reading").json()
    assert whole["findings_text"] == "Findings."
    assert whole["findings"][0]["boxes"] == [{"x1": 0.125, "y1": 0.25, "x2": 0.5, "y2": 0.75}]
    assert client.get(f"/api/v1/studies/{study_uid}/films/1.2.3/reading").status_code == 404
    assert client.get("/api/v1/studies/1.2.3").status_code == 404


def test_a_reading_in_shadow_is_none(room: Room) -> None:
    study_uid, film_uid, _said = read_film(room)
    with room.db.write() as session:
        session.execute(update(ReadingRow).values(shadow=True))
    client = room.visitor(AccountRole.RADIOLOGIST)
    (film,) = client.get(f"/api/v1/studies/{study_uid}").json()["films"]
    assert (film["read_in_shadow"], film["readings"]) == (True, [])
    path = f"/api/v1/studies/{study_uid}/films/{film_uid}/reading"
    assert client.get(path).status_code == 404


def test_a_film_that_waits_has_no_reading(room: Room) -> None:
    film = store_film(room)
    client = room.visitor(AccountRole.RADIOLOGIST)
    values = client.get(f"/api/v1/studies/{film.StudyInstanceUID}").json()
    assert (values["state"], values["films"][0]["state"]) == ("waiting", "queued")
    assert values["films"][0]["readings"] == []


def test_others_see_no_study(room_of_module: Room) -> None:
    study_uid, film_uid, _said = read_film(room_of_module)
    others = room_of_module.visitor(*(set(AccountRole) - {AccountRole.RADIOLOGIST}))
    assert others.get(f"/api/v1/studies/{study_uid}").status_code == 403
    path = f"/api/v1/studies/{study_uid}/films/{film_uid}/reading"
    assert others.get(path).status_code == 403
    reader = room_of_module.visitor(AccountRole.RADIOLOGIST)
    assert reader.get("/api/v1/readings").status_code == 403


def test_a_researcher_sees_no_patient(room: Room) -> None:
    words = DraftReport("Compared with Mrs. TESTFRAU of Ward P-1.", "Erika's effusion, A-77.")
    said = reading(Label.PLEURAL_EFFUSION)
    said = Reading(
        id=said.id,
        model=said.model,
        flags=said.flags,
        findings=said.findings,
        report=words,
        indication="Erika Testfrau coughs",
    )
    film = store_film(room, AccessionNumber="A-77", StudyDescription="Erika's chest")
    read_next(room.db, said)
    client = room.visitor(AccountRole.RESEARCHER)
    answer = client.get("/api/v1/readings")
    for secret in (
        *("testfrau", "erika", "p-1", "a-77", "19500101", "coughs"),
        *(film.StudyInstanceUID, film.SOPInstanceUID, film.SeriesInstanceUID, said.id),
        *(finding.id for finding in said.findings),
    ):
        assert secret not in answer.text.lower(), secret
    (line,) = told(client, "/api/v1/readings")
    assert line["findings_text"] == "Compared with Mrs. [removed] of Ward [removed]."
    assert line["impression_text"] == "[removed]'s effusion, [removed]."
    assert [one["label"] for one in line["findings"]] == [Label.PLEURAL_EFFUSION]
    assert {flag["label"] for flag in line["flags"]} == {label.value for label in Label}
    assert line == told(client, "/api/v1/readings")[0]
    key = room.settings.data / "pseudonym.key"
    assert key.stat().st_mode & 0o077 == 0


def test_films_of_one_patient_share_a_pseudonym(room: Room) -> None:
    for seed, patient in enumerate(("P-1", "P-1", "P-2")):
        read_film(room, PatientID=patient, seed=seed)
    first, second, third = told(room.visitor(AccountRole.RESEARCHER), "/api/v1/readings")
    assert first["patient"] == second["patient"] != third["patient"]
    assert len({first["film"], second["film"], third["film"]}) == 3


def test_pages_of_readings(room: Room) -> None:
    for seed in range(3):
        read_film(room, PatientID=f"P-{seed}", seed=seed)
    client = room.visitor(AccountRole.RESEARCHER)
    answer = client.get("/api/v1/readings", params={"limit": "2"})
    following = re.fullmatch(r'<(.+)>; rel="next"', answer.headers["link"])
    assert following is not None
    last = client.get(following[1])
    assert "link" not in last.headers
    lines = [*answer.text.splitlines(), *last.text.splitlines()]
    assert lines == client.get("/api/v1/readings").text.splitlines()
    assert len(set(lines)) == 3
    assert told(client, "/api/v1/readings", model_uid="another") == []
    assert client.get("/api/v1/readings", params={"limit": "5000"}).status_code == 422
    with room.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == AuditAction.READINGS_EXPORTED)
        events = list(session.scalars(query))
    assert [event.details["number"] for event in events] == [2, 1, 3, 0]


def test_a_restricted_study_is_not_researched(room: Room) -> None:
    study_uid, _film_uid, _said = read_film(room)
    room.visitor(AccountRole.RADIOLOGIST, name="chosen")
    with room.db.write() as session:
        restrict_study(session, study_uid, ["chosen"], "a member of staff", actor="admin")
    assert told(room.visitor(AccountRole.RESEARCHER), "/api/v1/readings") == []


def test_a_sites_own_key_counts(room: Room, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"x" * 31)
    web = room.settings.web.model_copy(update={"pseudonym_key_file": short})
    with pytest.raises(SettingsError, match="at least 32 bytes"):
        Pseudonyms.of(room.settings.model_copy(update={"web": web}))
    first, second = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
    assert first.name("film", "1.2") != second.name("film", "1.2")
    assert first.name("film", "1.2") != first.name("study", "1.2")
    assert first.name("patient", "ab", "c") != first.name("patient", "a", "bc")


@given(
    before=st.text(max_size=10),
    name=st.text("ABCdef-.", min_size=2, max_size=8),
    after=st.text(max_size=10),
)
def test_no_name_is_left_in_a_text(before: str, name: str, after: str) -> None:
    text = f"{before} {name.lower()} {after}"
    cleaned = without_names(text, [f"{name}^Other"])
    assert f" {name.lower()} " not in cleaned
    assert without_names(text, []) == text


@pytest.mark.parametrize(
    ("identifier", "text", "cleaned"),
    [
        ("Meyer-Schulz^Anna", "Mrs Schulz; meyer.", "Mrs [removed]; [removed]."),
        ("O'Brien^Pat", "Mr O\u2019Brien, Brien", "Mr [removed], [removed]"),
        ("M\u00fcller^J\u00f6rg", "Mueller MULLER Jorg Mu\u0308ller!", "{0} {0} {0} {0}!"),
        ("Mueller^Joerg", "Mueller", "[removed]"),
        ("\u5c71\u7530^\u592a\u90ce", "\u5c71\u7530\u592a\u90ce\u306e", "{0}{0}\u306e"),
        ("Doe^Jane", "Jane_Doe, Doe's heart; doeskin", "{0}_{0}, {0}'s heart; doeskin"),
        ("", "31.01.1970 1970-01-31 1/31/70 19700131 2.5 x 3.1 cm", "{0} {0} {0} {0} 2.5 x 3.1 cm"),
        ("Li^X", "Line in place, LI", "Line in place, {0}"),
    ],
)
def test_names_and_dates_go_however_they_are_spelt(
    identifier: str, text: str, cleaned: str
) -> None:
    assert without_names(text, [identifier]) == cleaned.replace("{0}", "[removed]")
