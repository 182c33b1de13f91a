"""The audit on its page and by the API: searched, paged, exported whole, and for auditors alone."""

from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from commands.audit_file import check_file
from core.accounts import AccountRole
from core.clock import now
from db.audit import record
from db.audit_trail import verify_audit
from db.models import AuditAction, AuditEvent, Study
from tests.db.builders import film
from tests.web.room import Room

API = "/api/v1/operations/audit"


@pytest.fixture
def auditor(room: Room) -> TestClient:
    """An auditor of a room in which something happened."""
    film(room.db, room.spool, study="1.2.3")
    with room.db.write() as session:
        study_id = session.scalars(select(Study.id)).one()
        for actor, action in (
            ("ada", AuditAction.STUDY_VIEWED),
            ("<b>eve</b>", AuditAction.DRAFT_ACCEPTED),
        ):
            record(session, action, actor=actor, study_id=study_id, words="<i>x</i>")
        record(session, AuditAction.RETRIEVAL_ASKED, actor="ada", study_uid="1.2.9")
    return room.visitor(AccountRole.AUDITOR, name="otto")


def found(auditor: TestClient, **query: str) -> list[tuple[str, str]]:
    """Give who did what, by the API."""
    answer = auditor.get(API, params=query)
    assert answer.status_code == 200
    return [(one["actor"], one["action"]) for one in answer.json()["events"]]


def test_events_are_found_by_person_study_action_and_day(auditor: TestClient) -> None:
    viewed, accepted = ("ada", "study_viewed"), ("<b>eve</b>", "draft_accepted")
    asked = ("ada", "retrieval_asked")
    assert found(auditor, person="AD", action="study_viewed") == [viewed]
    assert found(auditor, study="1.2.3") == [accepted, viewed]
    # Of a study that has no row, only its own words speak.
    assert asked in found(auditor, study="1.2.9")
    today = f"{now():%Y-%m-%d}"
    assert found(auditor, person="eve", begin=today, end=today) == [accepted]
    assert found(auditor, person="eve", end="2020-01-01") == []
    # A wildcard of the database is a letter here.
    assert found(auditor, person="%") == []


def test_what_makes_no_sense_is_refused(auditor: TestClient) -> None:
    for query in ("begin=yesterday", "study=x", "action=nothing"):
        assert auditor.get(f"{API}?{query}").status_code == 422
        assert auditor.get(f"/operations/audit?{query}").status_code == 422


def test_each_search_is_an_event_with_what_was_looked_for(room: Room, auditor: TestClient) -> None:
    auditor.get("/operations/audit?person=ada&study=1.2.3")
    with room.db.read() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.action, last.actor) == (AuditAction.AUDIT_SEARCHED, "otto")
    assert last.details == {"person": "ada", "study": "1.2.3"}
    assert verify_audit(room.db).broken == ""


def test_the_page_escapes_and_pages(room: Room, auditor: TestClient) -> None:
    shown = auditor.get("/operations/audit").text
    assert "&lt;b&gt;eve" in shown
    assert "<b>eve" not in shown
    assert "<i>x" not in shown
    with room.db.write() as session:
        for _ in range(60):
            record(session, AuditAction.TIER_RAISED, actor="many")
    first = auditor.get("/operations/audit?person=many").text
    assert first.count("tier raised</th>") == 50
    (more,) = [line for line in first.splitlines() if 'rel="next"' in line]
    address = more.split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert auditor.get(f"/operations/audit{address}").text.count("tier raised</th>") == 10


def test_an_export_is_what_the_command_verifies(
    room: Room, auditor: TestClient, tmp_path: Path
) -> None:
    answer = auditor.post("/operations/audit/export")
    assert answer.headers["content-type"] == "application/jsonl"
    assert "attachment" in answer.headers["content-disposition"]
    file = tmp_path / "audit.jsonl"
    file.write_text(answer.text)
    verdict = check_file(file)
    assert verdict.broken == ""
    assert verdict.events == verify_audit(room.db).events
    # The same by the API; its export is the last event of it.
    by_program = auditor.get(f"{API}/export").text
    assert '"audit_exported"' in by_program.splitlines()[-2]
    assert auditor.post("/operations/audit/export", data={"begin": "x"}).status_code == 422


def test_it_is_for_auditors_alone(room: Room, auditor: TestClient) -> None:
    del auditor
    others = set(AccountRole) - {AccountRole.AUDITOR}
    visitor = room.visitor(*others)
    for path in ("/operations/audit", API, f"{API}/export"):
        assert visitor.get(path).status_code == 403
    assert visitor.post("/operations/audit/export").status_code == 403
