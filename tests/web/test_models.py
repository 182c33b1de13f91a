"""The page of models and its calls: what each is, what it may be used for, and who said so.

What a standing does to readings is tested in `tests/db/test_standings.py`.
"""

from dataclasses import replace

import pytest

from core.accounts import AccountRole
from core.states import Standing
from db.standings import known_models, note_model, set_standing, standing_of
from tests.db.builders import model
from tests.web.room import Room

HERE, API = "/operations/models", "/api/v1/models"
ADMINISTRATOR = AccountRole.ADMINISTRATOR
UID = model().uid
SAID = {"standing": "authorised", "basis": "ethics board", "sure": "yes", "after": "0"}


@pytest.fixture(autouse=True)
def _loaded(room: Room) -> None:
    note_model(room.db, model(), actor="worker-1")


def standing(room: Room) -> Standing:
    with room.db.read() as session:
        return standing_of(session, UID)


def test_a_new_model_is_listed_in_shadow(room: Room) -> None:
    page = room.visitor(ADMINISTRATOR).get(HERE)
    assert page.status_code == 200
    assert UID in page.text
    assert "in shadow" in page.text
    assert f'action="{HERE}/{UID}/standing"' in page.text


def test_a_standing_is_recorded_with_basis_and_person(room: Room) -> None:
    client = room.visitor(ADMINISTRATOR, name="anna")
    assert client.post(f"{HERE}/{UID}/standing", data=SAID).status_code == 303
    assert standing(room) is Standing.AUTHORISED
    page = client.get(HERE).text
    assert "ethics board" in page
    assert "anna" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sure": ""}, "only with the confirmation"),
        ({"basis": " "}, "a basis of 1 to 500"),
        ({"standing": "trusted"}, "does not fit"),
    ],
)
def test_what_is_not_said_in_full_is_not_recorded(
    room: Room, change: dict[str, str], words: str
) -> None:
    answer = room.visitor(ADMINISTRATOR).post(f"{HERE}/{UID}/standing", data=SAID | change)
    assert answer.status_code == 422
    assert words in answer.text
    assert standing(room) is Standing.SHADOW


def test_the_second_of_two_administrators_is_told(room: Room) -> None:
    with room.db.write() as session:
        set_standing(session, UID, Standing.RESEARCH, basis="pilot", actor="berta")
    client = room.visitor(ADMINISTRATOR)
    answer = client.post(f"{HERE}/{UID}/standing", data=SAID)
    assert answer.status_code == 409
    assert "berta said research of it meanwhile: pilot" in answer.text
    assert 'value="ethics board"' in answer.text
    assert standing(room) is Standing.RESEARCH
    values = {"standing": "authorised", "basis": "board", "after": 0}
    assert client.post(f"{API}/{UID}/standing", json=values).status_code == 409


def test_the_demonstration_model_is_not_offered_what_it_cannot_have(room: Room) -> None:
    demo = replace(model(demo=True), name="demo")
    note_model(room.db, demo, actor="worker-1")
    client = room.visitor(ADMINISTRATOR)
    assert client.get(HERE).text.count('value="authorised"') == 1
    answer = client.post(f"{HERE}/{demo.uid}/standing", data=SAID)
    assert (answer.status_code, "synthetic films only" in answer.text) == (422, True)


def test_words_of_a_models_folder_are_no_markup(room: Room) -> None:
    note_model(room.db, replace(model(), name="<script>alert(1)</script>"), actor="w")
    page = room.visitor(ADMINISTRATOR).get(HERE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_programs_list_models_and_say_what_they_are_used_for(room: Room) -> None:
    client = room.visitor(ADMINISTRATOR, name="anna")
    (listed,) = client.get(API).json()
    assert (listed["uid"], listed["standing"], listed["words"]) == (UID, "shadow", [])
    values = {"standing": "research", "basis": "pilot", "after": 0}
    said = client.post(f"{API}/{UID}/standing", json=values).json()
    assert (said["standing"], said["words"][0]["basis"], said["words"][0]["actor"]) == (
        "research",
        "pilot",
        "anna",
    )
    assert client.post(f"{API}/2.25.9/standing", json=values).status_code == 422
    with room.db.read() as session:
        assert known_models(session)[0].last_word == said["words"][0]["number"]
