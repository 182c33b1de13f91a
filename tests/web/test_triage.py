"""The triage page and its calls: typed, tried, saved, refused; two administrators at once.

What a policy makes of readings is tested in `tests/db/test_triage_policies.py`.
"""

import contextlib
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.labels import Label
from core.triage_policy import TriageEntry, TriagePolicy
from core.triage_toml import built_in_triage, document_of_triage, toml_of_triage, triage_of_toml
from db.models import Study
from db.restrictions import restrict_study
from db.triage_policies import save_triage, triage_in_force, triage_versions
from tests.db.builders import film, let_show, model, read_next, reading
from tests.web.room import Room
from web.triage.typed import (
    NO_NUMBER,
    NO_SCORE,
    NO_SCORE_OR_NEVER,
    TITLE,
    WAIT,
    Field,
    UnfitFieldsError,
    fields_of,
    policy_of,
)

ADMINISTRATOR = AccountRole.ADMINISTRATOR
HERE, API = "/operations/triage", "/api/v1/triage"
EDEMA = Field(Label.EDEMA, "urgent").name
OWN = Field(Label.EDEMA, "urgent", model().uid).name
FIELDS = {WAIT: "90", EDEMA: "0,5", "note": "flood", "after": "0"}
UID = "2.25.7"

_policies = st.builds(
    TriagePolicy,
    title=st.from_regex(r"[a-z <&]{0,10}", fullmatch=True).map(str.strip),
    longest_wait_minutes=st.integers(1, 9999).map(float),
    rule=st.lists(
        st.builds(
            TriageEntry,
            label=st.sampled_from(Label),
            tier=st.sampled_from(["raised", "urgent"]),
            score=st.integers(0, 100).map(lambda hundredths: hundredths / 100),
            model=st.sampled_from(["", UID]),
        ),
        unique_by=lambda entry: (entry.label, entry.tier, entry.model),
    ).map(tuple),
)


def put(room: Room, policy: TriagePolicy, actor: str = "anna") -> None:
    with room.db.write() as session:
        save_triage(session, policy, actor=actor, note="before")


def in_force(room: Room) -> tuple[int, TriagePolicy]:
    with room.db.read() as session:
        found = triage_in_force(session)
    return found.version, found.policy


@given(_policies)
def test_a_policy_survives_the_form(policy: TriagePolicy) -> None:
    again = policy_of(fields_of(policy), [UID])
    assert {*again.rule} == {*policy.rule}
    assert (again.title, again.longest_wait_minutes) == (policy.title, policy.longest_wait_minutes)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({EDEMA: "high"}, {EDEMA: NO_SCORE}),
        ({EDEMA: "1.01"}, {EDEMA: NO_SCORE}),
        ({EDEMA: "nan"}, {EDEMA: NO_SCORE}),
        ({EDEMA: "never"}, {EDEMA: NO_SCORE}),
        ({OWN: "-1"}, {OWN: NO_SCORE_OR_NEVER}),
        ({WAIT: ""}, {WAIT: NO_NUMBER}),
        ({WAIT: "soon", EDEMA: "x"}, {WAIT: NO_NUMBER, EDEMA: NO_SCORE}),
    ],
)
def test_each_field_that_does_not_fit_is_named(
    typed: Mapping[str, str], wrong: Mapping[str, str]
) -> None:
    with pytest.raises(UnfitFieldsError) as told:
        policy_of({WAIT: "90", **typed}, [model().uid])
    assert told.value.fields == wrong


@pytest.mark.parametrize(
    ("typed", "field"), [({WAIT: "0"}, WAIT), ({WAIT: "1e9"}, WAIT), ({TITLE: "a\nb"}, TITLE)]
)
def test_so_is_what_the_policy_itself_refuses(typed: Mapping[str, str], field: str) -> None:
    with pytest.raises(UnfitFieldsError) as told:
        policy_of({WAIT: "90", **typed}, [])
    assert list(told.value.fields) == [field]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.dictionaries(st.sampled_from([EDEMA, OWN, WAIT, TITLE, "..", "a.b.c"]), st.text()))
def test_nothing_that_is_typed_breaks_the_form(typed: dict[str, str]) -> None:
    with contextlib.suppress(UnfitFieldsError):
        policy_of(typed, ["2.25.1", "no uid"])


def test_the_page_shows_the_policy_in_force(room: Room) -> None:
    let_show(room.db, model())
    answer = room.visitor(ADMINISTRATOR).get(HERE)
    assert answer.status_code == 200
    assert f'name="{EDEMA.replace("urgent", "raised")}" value="0"' in answer.text
    assert f'name="{OWN}" value=""' in answer.text
    assert 'name="after" value="0"' in answer.text


def test_what_is_typed_is_saved_with_its_reason(room: Room) -> None:
    let_show(room.db, model())
    client = room.visitor(ADMINISTRATOR, name="anna")
    answer = client.post(HERE, data=FIELDS | {OWN: "Never"})
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    version, policy = in_force(room)
    assert (version, policy.longest_wait_minutes) == (1, 90.0)
    assert [(one.label, one.tier, one.score, one.model) for one in policy.rule] == [
        (Label.EDEMA, "urgent", 0.5, ""),
        (Label.EDEMA, "urgent", "never", model().uid),
    ]
    with room.db.read() as session:
        (row,) = triage_versions(session)
        assert (row.actor, row.note) == ("anna", "flood")
    assert "flood" in client.get(HERE).text


def test_what_does_not_fit_changes_nothing_and_is_kept(room: Room) -> None:
    client = room.visitor(ADMINISTRATOR)
    answer = client.post(HERE, data=FIELDS | {EDEMA: "<high>"})
    assert answer.status_code == 422
    assert 'value="&lt;high&gt;"' in answer.text
    assert NO_SCORE in answer.text
    assert client.post(HERE, data=FIELDS | {"note": "x" * 501}).status_code == 422
    assert in_force(room)[0] == 0


def test_the_second_of_two_administrators_is_told_and_keeps_what_was_typed(room: Room) -> None:
    client = room.visitor(ADMINISTRATOR)
    put(room, TriagePolicy(title="mine"), actor="berta")
    answer = client.post(HERE, data=FIELDS)
    assert answer.status_code == 409
    assert "version 1 was put in force by berta meanwhile" in answer.text
    assert f'name="{EDEMA}" value="0,5"' in answer.text
    assert in_force(room)[1].title == "mine"
    # Told, the person may put it in its place all the same.
    assert 'name="after" value="1"' in answer.text
    assert client.post(HERE, data=FIELDS | {"after": "1"}).status_code == 303


def _with_two_studies(room: Room) -> None:
    for number, label in enumerate((Label.EDEMA, Label.PNEUMOTHORAX)):
        film(room.db, room.spool, study=f"1.2.{number}")
        read_next(room.db, reading(label))


@pytest.mark.parametrize("part", [True, False])
def test_a_preview_says_what_would_move_and_changes_nothing(room: Room, *, part: bool) -> None:
    _with_two_studies(room)
    client = room.visitor(ADMINISTRATOR)
    headers = {"hx-request": "true"} if part else {}
    answer = client.post(f"{HERE}/preview", data=FIELDS, headers=headers)
    assert answer.status_code == 200
    assert ("<html" in answer.text) is not part
    assert "1 would have stood higher, 1 lower" in answer.text
    assert "DOE" not in answer.text
    assert in_force(room)[0] == 0
    wrong = client.post(f"{HERE}/preview", data=FIELDS | {EDEMA: "?"}, headers=headers)
    assert "There is no preview" in wrong.text


def test_a_preview_does_not_tell_of_restricted_studies(room: Room) -> None:
    _with_two_studies(room)
    room.visitor(AccountRole.RADIOLOGIST, name="chosen")
    with room.db.write() as session:
        for study in session.scalars(select(Study)):
            study.accession = f"A-{study.uid}"
        restrict_study(session, "1.2.0", ["chosen"], "a member of staff", actor="ada")
    client = room.visitor(ADMINISTRATOR)
    shown = client.post(f"{HERE}/preview", data=FIELDS).text
    assert "A-1.2.1" in shown
    assert "1.2.0" not in shown
    assert "1 restricted study would have stood elsewhere" in shown
    policy = document_of_triage(TriagePolicy(rule=(TriageEntry(label=Label.EDEMA, tier="urgent"),)))
    told = client.post(f"{API}/preview", json={"policy": policy}).json()
    assert (told["after"]["urgent"], told["unlisted"]) == (1, 1)
    assert [move["study_uid"] for move in told["moves"]] == ["1.2.1"]


def test_versions_are_looked_at_and_given_as_files(room: Room) -> None:
    put(room, TriagePolicy(title="first"))
    put(room, TriagePolicy(title="second"))
    client = room.visitor(ADMINISTRATOR)
    page = client.get(HERE, params={"version": 1}).text
    assert 'value="first"' in page
    assert "not in force" in page
    file = client.get(f"{HERE}/versions/1.toml")
    assert triage_of_toml(file.text).title == "first"
    assert file.headers["content-disposition"] == 'attachment; filename="triage-1.toml"'
    for path in (f"{HERE}/versions/9.toml", f"{HERE}?version=9", f"{API}/versions/9"):
        assert client.get(path).status_code == 404


def _send(client: TestClient, content: bytes) -> str:
    answer = client.post(f"{HERE}/import", files={"file": ("t.toml", content)})
    assert answer.status_code in {200, 422}
    return answer.text


def test_a_file_fills_the_fields_and_nothing_is_in_force(room: Room) -> None:
    client = room.visitor(ADMINISTRATOR)
    wanted = TriagePolicy(
        title="other", rule=(TriageEntry(label=Label.EDEMA, tier="urgent", score=0.3, model=UID),)
    )
    page = _send(client, toml_of_triage(wanted).encode())
    assert 'value="other"' in page
    assert f'name="{Field(Label.EDEMA, "urgent", UID).name}" value="0.3"' in page
    assert in_force(room)[0] == 0
    assert "there is no such key" in _send(client, b"<b> = 1".replace(b"<b>", b"wait"))
    assert "codec" in _send(client, b"\xff\xfe")
    assert "at most" in _send(client, b"#" * (256 * 1024 + 1))


def test_a_policy_that_makes_nothing_urgent_is_asked_about(room: Room) -> None:
    client = room.visitor(ADMINISTRATOR)
    warning = 'name="without_urgent"'
    assert warning not in client.get(HERE).text
    assert warning in _send(client, b"")
    typed = {**FIELDS, EDEMA: "", OWN: "never"}
    assert "No flag makes" in client.post(f"{HERE}/preview", data=typed).text
    answer = client.post(HERE, data=typed)
    assert (answer.status_code, in_force(room)[0]) == (422, 0)
    assert warning in answer.text
    assert client.post(HERE, data={**typed, "without_urgent": "yes"}).status_code == 303
    assert in_force(room)[0] == 1


def test_programs_read_try_and_change_it(room: Room) -> None:
    _with_two_studies(room)
    client = room.visitor(ADMINISTRATOR, name="anna")
    assert client.get(API).json() == {
        "version": 0,
        "policy": document_of_triage(built_in_triage().policy),
    }
    policy = document_of_triage(TriagePolicy(rule=(TriageEntry(label=Label.EDEMA, tier="urgent"),)))
    seen = client.post(f"{API}/preview", json={"policy": policy}).json()
    assert (seen["studies"], seen["after"]["urgent"], len(seen["moves"])) == (2, 1, 2)
    change = {"policy": policy, "note": "flood", "after": 0}
    assert client.post(API, json=change).json() == {"version": 1, "policy": policy}
    again = client.post(API, json=change)
    assert (again.status_code, again.json()["title"]) == (409, "Conflict")
    (listed,) = client.get(f"{API}/versions").json()
    assert (listed["version"], listed["actor"], listed["note"]) == (1, "anna", "flood")
    assert client.get(f"{API}/versions/1").json()["policy"] == policy
    policy["rule"][0]["label"] = "oedema"
    assert client.post(API, json=change | {"after": 1}).status_code == 422
    assert client.post(API, json=change | {"note": "a\nb", "after": 1}).status_code == 422
