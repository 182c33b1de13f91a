"""The calls behind the review's buttons: whose word counts, and that nobody's is lost.

The panel itself is in test_review.py, the rows in tests/db.
"""

import json
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.labels import Label
from core.settings import SiteSettings
from db.accounts import add_account
from db.api_tokens import make_token
from db.models import Account, Study
from db.passwords import hash_password
from tests.db.builders import film, sign
from tests.web.drafts import CALLS, FILM, STUDY, Drafted, drafted
from tests.web.room import Room

RADIOLOGIST = AccountRole.RADIOLOGIST
_OPENING = f"/api/v1/studies/{STUDY}/opening"
_PASSWORD = "a long enough pass phrase"  # noqa: S105 - of a test
_WRONG_PASSWORD = "another long pass phrase"  # noqa: S105 - of a test


@pytest.fixture
def draft(room: Room) -> Drafted:
    """A film with a draft that states two findings and denies one."""
    return drafted(room, Label.PNEUMOTHORAX, Label.FRACTURE)


def _typed(draft: Drafted, words: str, **more: Any) -> dict[str, Any]:
    return {
        "reading_id": draft.said.id,
        "version_id": draft.version_id,
        "findings": words,
        "impression": "",
        "page": "page-1",
        "step": 1,
        "revision": 0,
        **more,
    }


def test_what_is_accepted_is_what_was_seen(room: Room, draft: Drafted) -> None:
    answer = room.visitor(RADIOLOGIST).post(
        f"{CALLS}/accept", json={"version_id": draft.version_id}
    )
    version = answer.json()["version"]
    assert (version["kind"], version["author"], version["final"]) == ("accepted", "Person^1", False)
    assert version["findings"] == draft.said.report.findings


def test_a_site_that_reports_here_gets_final_reports(room: Room, draft: Drafted) -> None:
    room.settings = room.settings.model_copy(
        update={"site": SiteSettings(reporting_system="firstread")}
    )
    room.__post_init__()
    answer = room.visitor(RADIOLOGIST).post(
        f"{CALLS}/accept", json={"version_id": draft.version_id}
    )
    assert answer.json()["version"]["final"] is True


def test_the_second_of_two_is_told_and_loses_nothing(room: Room, draft: Drafted) -> None:
    first, second = room.visitor(RADIOLOGIST), room.visitor(RADIOLOGIST)
    kept = second.put(f"{CALLS}/unsigned", json=_typed(draft, "My words.")).json()
    said = {"version_id": draft.version_id, "impression": ""}
    assert first.post(f"{CALLS}/edit", json={**said, "findings": "Theirs."}).status_code == 200
    mine = {**said, "findings": "My words.", "revision": kept["revision"]}
    refused = second.post(f"{CALLS}/edit", json=mine)
    assert refused.status_code == 409
    assert "Person^1" in refused.json()["detail"]
    now = second.get(CALLS).json()
    assert [version["findings"] for version in now["versions"]][1:] == ["Theirs."]
    assert now["unsigned"]["findings"] == "My words."
    page = second.get(f"/studies/{STUDY}/films/{FILM}/review").text
    assert "Version 2 by Person, 1 came while you typed" in page
    assert "Theirs" in page
    assert "My words." in page


def test_signed_words_are_unsigned_no_longer(room: Room, draft: Drafted) -> None:
    radiologist = room.visitor(RADIOLOGIST)
    kept = radiologist.put(f"{CALLS}/unsigned", json=_typed(draft, "Mine.")).json()
    said = {"version_id": draft.version_id, "findings": "Mine.", "impression": ""}
    signed = radiologist.post(f"{CALLS}/edit", json={**said, "revision": kept["revision"]})
    assert signed.status_code == 200
    assert radiologist.get(CALLS).json()["unsigned"] is None


def test_a_text_of_another_window_is_not_signed_away(room: Room, draft: Drafted) -> None:
    radiologist = room.visitor(RADIOLOGIST)
    known = radiologist.put(f"{CALLS}/unsigned", json=_typed(draft, "Here.")).json()["revision"]
    there = _typed(draft, "There.", page="page-2", revision=known)
    assert radiologist.put(f"{CALLS}/unsigned", json=there).status_code == 200
    said = {"version_id": draft.version_id, "findings": "Here.", "impression": ""}
    signed = radiologist.post(f"{CALLS}/edit", json={**said, "revision": known})
    assert signed.status_code == 409
    assert radiologist.get(CALLS).json()["unsigned"]["findings"] == "There."
    assert len(radiologist.get(CALLS).json()["versions"]) == 1


def test_the_audit_names_the_account_behind_a_name(room: Room, draft: Drafted) -> None:
    accounts = ("rroe", "rita.roe2", "roe-r")
    first, second, third = (room.visitor(RADIOLOGIST, name=name) for name in accounts)
    with room.db.write() as session:
        session.execute(update(Account).values(person_name="Roe^Rita"))
    said = {"version_id": draft.version_id}
    version = first.post(f"{CALLS}/accept", json=said).json()["version"]
    words = {"version_id": version["id"], "findings": "Mine.", "impression": ""}
    version = second.post(f"{CALLS}/edit", json=words).json()["version"]
    judged = {
        "reading_id": draft.said.id,
        "finding_id": draft.said.findings[0].id,
        "verdict": "wrong",
    }
    assert second.post(f"{CALLS}/verdicts", json=judged).status_code == 200
    reason = {"version_id": version["id"], "reason": "After all", "code": "unfit"}
    assert third.post(f"{CALLS}/reject", json=reason).status_code == 204
    auditor = room.visitor(AccountRole.AUDITOR)
    for name, done in zip(
        accounts,
        (["draft_accepted"], ["verdict_given", "draft_edited"], ["draft_rejected"]),
        strict=True,
    ):
        asked = auditor.get("/api/v1/operations/audit", params={"person": name}).json()["events"]
        acts = [one for one in asked if one["actor"] == "Roe^Rita"]
        assert [one["action"] for one in acts] == done
        assert {one["details"]["operator"] for one in acts} == {name}


def test_nobody_sees_what_another_typed(room: Room, draft: Drafted) -> None:
    first, second = room.visitor(RADIOLOGIST), room.visitor(RADIOLOGIST)
    first.put(f"{CALLS}/unsigned", json=_typed(draft, "Not for you."))
    assert second.get(CALLS).json()["unsigned"] is None
    assert "Not for you." not in second.get(f"/studies/{STUDY}/films/{FILM}/review").text


def test_a_text_of_a_rejected_draft_is_still_there(room: Room, draft: Drafted) -> None:
    first, second = room.visitor(RADIOLOGIST), room.visitor(RADIOLOGIST)
    first.put(f"{CALLS}/unsigned", json=_typed(draft, "Worked on for an hour."))
    said = {"version_id": draft.version_id, "reason": "Wrong side", "code": "harmful"}
    assert second.post(f"{CALLS}/reject", json=said).status_code == 204
    page = first.get(f"/studies/{STUDY}/films/{FILM}/review").text
    assert "The draft was rejected" in page
    assert "Person, 2 · rejected: Wrong side" in page
    assert "Worked on for an hour." in page
    assert first.post(f"{CALLS}/accept", json=said).status_code == 422


def test_a_draft_of_another_film_is_not_reached_through_this_one(
    room: Room, draft: Drafted
) -> None:
    film(room.db, room.spool, uid="1.2.9.1", study="1.2.9")
    radiologist = room.visitor(RADIOLOGIST)
    other = "/api/v1/studies/1.2.9/films/1.2.9.1/review"
    typed = radiologist.put(f"{other}/unsigned", json=_typed(draft, "Elsewhere."))
    said = {"reading_id": draft.said.id, "finding_id": None, "verdict": "missed", "label": "edema"}
    judged = radiologist.post(f"{other}/verdicts", json=said)
    signed = radiologist.post(f"{other}/accept", json={"version_id": draft.version_id})
    assert {answer.status_code for answer in (typed, judged, signed)} == {422}


def test_a_finding_is_judged_and_others_see_whose_word_it_is(room: Room, draft: Drafted) -> None:
    first, second = room.visitor(RADIOLOGIST), room.visitor(RADIOLOGIST)
    finding = draft.said.findings[0]
    box = {"x1": 0.1, "y1": 0.2, "x2": 0.3, "y2": 0.4}
    said = {
        "reading_id": draft.said.id,
        "finding_id": finding.id,
        "verdict": "moved",
        "boxes": [box],
        "note": "higher",
    }
    answer = first.post(f"{CALLS}/verdicts", json=said)
    assert answer.status_code == 200
    (line,) = [one for one in answer.json()["findings"] if one["id"] == finding.id]
    assert line["boxes"] == [box]
    (seen,) = [one for one in second.get(CALLS).json()["findings"] if one["id"] == finding.id]
    # The model's box stays the model's for everybody else.
    assert seen["boxes"] == [{"x1": 0.125, "y1": 0.25, "x2": 0.5, "y2": 0.75}]
    assert [(one["person"], one["verdict"]) for one in seen["judgements"]] == [
        ("Person^1", "moved")
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"verdict": "moved", "boxes": []},
        {"verdict": "right", "boxes": [{"x1": 0, "y1": 0, "x2": 1, "y2": 1}]},
        {"verdict": "moved", "boxes": [{"x1": 0.5, "y1": 0, "x2": 0.5, "y2": 1}]},
        {"verdict": "moved", "boxes": [{"x1": -0.5, "y1": 0, "x2": 0.5, "y2": 1}]},
        {"verdict": "missed", "label": "fracture"},
        {"verdict": "right", "note": "two\nlines"},
        {"verdict": "great"},
        {"verdict": "right", "finding_id": "1.2.3.999"},
    ],
    ids=json.dumps,
)
def test_a_word_that_does_not_fit_is_refused(
    room: Room, draft: Drafted, said: dict[str, Any]
) -> None:
    whole = {"reading_id": draft.said.id, "finding_id": draft.said.findings[0].id, **said}
    assert room.visitor(RADIOLOGIST).post(f"{CALLS}/verdicts", json=whole).status_code == 422


def test_two_readers_are_told_of_each_other(room: Room, draft: Drafted) -> None:
    first, second = room.visitor(RADIOLOGIST), room.visitor(RADIOLOGIST)
    assert first.put(_OPENING, params={"film": FILM}).json()["others"] == []
    heard = second.put(_OPENING, params={"film": FILM}).json()
    assert [one["name"] for one in heard["others"]] == ["Person, 1"]
    assert heard["standing"]["id"] == draft.version_id
    first.post(f"{CALLS}/accept", json={"version_id": draft.version_id})
    later = second.put(_OPENING, params={"film": FILM}).json()
    assert (later["standing"]["number"], later["standing"]["name"]) == (2, "Person, 1")
    first.delete(_OPENING)
    assert second.put(_OPENING, params={"film": FILM}).json()["others"] == []


@pytest.mark.usefixtures("draft")
def test_a_study_counts_as_opened_once_it_was_shown(room: Room) -> None:
    radiologist = room.visitor(RADIOLOGIST)
    radiologist.put(_OPENING)
    assert _opened(room) is False
    radiologist.put(_OPENING, params={"shown": True})
    assert _opened(room) is True


def _opened(room: Room) -> bool:
    with room.db.read() as session:
        study = session.query(Study).filter_by(uid=STUDY).one()
        return study.opened_at is not None and study.unseen_since is None


def test_what_is_signed_after_the_hospitals_report_stays(room: Room, draft: Drafted) -> None:
    sign(room.db, room.spool)
    radiologist = room.visitor(RADIOLOGIST)
    answer = radiologist.post(f"{CALLS}/accept", json={"version_id": draft.version_id})
    assert answer.json()["stays"] is True


@pytest.fixture
def strict(room: Room) -> Room:
    """A site that asks for the password at each signature."""
    web = room.settings.web.model_copy(update={"sign_with_password": True})
    room.settings = room.settings.model_copy(update={"web": web})
    room.__post_init__()
    return room


def test_a_signature_takes_the_password_where_the_site_wants_it(
    strict: Room, draft: Drafted
) -> None:
    radiologist = _with_password(strict)
    said = {"version_id": draft.version_id}
    asked = radiologist.post(
        f"/studies/{STUDY}/films/{FILM}/review/signing", data={**said, "way": "accept"}
    )
    assert 'type="password"' in asked.text
    assert radiologist.post(f"{CALLS}/accept", json=said).status_code == 403
    wrong = radiologist.post(f"{CALLS}/accept", json={**said, "password": _WRONG_PASSWORD})
    assert wrong.status_code == 403
    assert len(radiologist.get(CALLS).json()["versions"]) == 1
    right = radiologist.post(f"{CALLS}/accept", json={**said, "password": _PASSWORD})
    assert right.status_code == 200


def test_a_program_signs_nothing_where_persons_prove_themselves(
    strict: Room, draft: Drafted
) -> None:
    with strict.db.write() as session:
        account = add_account(session, "robot", person="Robot", roles=[RADIOLOGIST])
        token = make_token(session, account, "tests", actor="tests")
    program = strict.stranger()
    program.headers["authorization"] = f"Bearer {token}"
    refused = program.post(f"{CALLS}/accept", json={"version_id": draft.version_id})
    assert refused.status_code == 403
    assert "no program" in refused.json()["detail"]


def _with_password(room: Room) -> TestClient:
    client = room.visitor(RADIOLOGIST, name="dora")
    with room.db.write() as session:
        account = session.query(Account).filter_by(name="dora").one()
        account.password_hash = hash_password(_PASSWORD)
    return client
