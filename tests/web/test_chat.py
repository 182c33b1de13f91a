"""The talk about a film, without a browser: its part of the study's page, and the calls.

How an answer is followed while it is written is tested in `test_chat_follow`, the scripts in
tests/browser, what a model makes of a question with the worker.
"""

import pytest
from sqlalchemy import select

from core.accounts import AccountRole
from core.states import JobKind, TurnState
from db.jobs import claim, fail
from db.models import AuditEvent, ChatTurn, Instance
from tests.db.builders import film
from tests.web.drafts import FILM, STUDY
from tests.web.room import Room
from tests.web.talk import BOX, CALLS, PART, answer, asked, read_film
from web.application import application

RADIOLOGIST = AccountRole.RADIOLOGIST
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def talk(room: Room) -> Room:
    """A room with a film that may be asked about."""
    read_film(room)
    return room


def test_a_question_is_asked_answered_and_shown(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client, "Where is it?")
    waiting = client.get(PART)
    assert waiting.status_code == 200
    assert "Not part of the report." in waiting.text
    assert "data-open" in waiting.text
    answer(talk, turn, "It is at [0.125, 0.25, 0.5, 0.75]. It is large.", BOX)
    page = client.get(f"{PART}/turns/{turn}").text
    assert "data-open" not in page
    assert 'data-x1="0.125" data-y1="0.25" data-x2="0.5" data-y2="0.75"' in page
    assert "[0.125" not in page
    assert "place 1</button>" in page
    assert 'data-insert="It is large."' in page
    assert "test 1" in page


def test_the_calls_give_the_same(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    answer(talk, turn, "Yes.", BOX)
    found = client.get(f"{CALLS}/turns/{turn}").json()
    assert client.get(CALLS).json() == {"refused": None, "turns": [found]}
    assert (found["question"], found["answer"], found["state"]) == ("Why?", "Yes.", "answered")
    assert found["boxes"] == [{"x1": 0.125, "y1": 0.25, "x2": 0.5, "y2": 0.75}]
    assert (found["mine"], found["person"], found["model"]) == (True, "Person^1", "test 1")


def test_a_worker_is_rung_for(talk: Room) -> None:
    rung: list[str] = []
    talk.application = application(talk.settings, talk.db, lambda: rung.append("ring"))
    asked(talk.visitor(RADIOLOGIST))
    assert rung == ["ring"]


def test_who_asked_is_in_the_audit(talk: Room) -> None:
    asked(talk.visitor(RADIOLOGIST, name="ann"), "Is there a secret?")
    with talk.db.read() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "question_asked"))
    assert event.actor == "ann"
    assert "secret" not in str(event.details)


def test_another_persons_talk_is_shown_apart_and_cannot_be_called_off(talk: Room) -> None:
    first, second = talk.visitor(RADIOLOGIST), talk.visitor(RADIOLOGIST)
    turn = asked(first)
    answer(talk, turn, "Yes.")
    page = second.get(PART).text
    assert "1 asked 1 question" in page
    assert "data-insert" not in page
    again = asked(first, "And?")
    refused = second.post(f"{CALLS}/turns/{again}/cancel")
    assert refused.status_code == 422
    assert "only who asked" in refused.json()["detail"]
    assert second.get(f"{CALLS}/turns/{turn}").json()["mine"] is False


def test_a_question_is_called_off(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    assert client.post(f"{CALLS}/turns/{turn}/cancel").json()["state"] == "cancelled"
    assert "Called off." in client.get(f"{PART}/turns/{turn}").text


def test_why_there_is_no_answer_is_told_and_it_can_be_asked_again(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client, "Is it <b>?")
    held = claim(talk.db, [JobKind.CHAT], worker="w", lease_seconds=60.0)
    assert held is not None
    with talk.db.write() as session:
        fail(session, held, "the model <i>was</i> not trained for it")
    page = client.get(f"{PART}/turns/{turn}").text
    assert "the model &lt;i&gt;was&lt;/i&gt; not trained for it" in page
    assert 'data-again="Is it &lt;b&gt;?"' in page


def test_words_of_persons_and_models_are_text(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client, HOSTILE)
    answer(talk, turn, f"{HOSTILE} {HOSTILE}")
    for address in (PART, f"{PART}/turns/{turn}"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_what_the_model_was_not_told_is_said(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    client.post(f"{CALLS}/turns/{asked(client, 'Never mind')}/cancel")
    for words in ("One?", "Two?", "Three?"):
        turn = asked(client, words)
        answer(talk, turn, "Yes.")

    def page(told: int) -> str:
        with talk.db.write() as session:
            session.get_one(ChatTurn, turn).told = told
        return client.get(f"{PART}/turns/{turn}").text

    assert "told nothing of the earlier questions" in page(0)
    assert "told the last answered question only" in page(1)
    assert "The model was told" not in page(2)


def test_a_film_that_none_may_speak_of_takes_no_question_and_says_why(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    with talk.db.write() as session:
        session.scalars(select(Instance)).one().rejection_code = "113001"
    page = client.get(PART).text
    assert "Nothing can be asked about this film: the film was rejected." in page
    assert "<textarea" not in page
    answered = client.post(f"{CALLS}/turns", json={"question": "Why?"})
    assert (answered.status_code, answered.json()["detail"]) == (422, "the film was rejected")
    assert client.get(CALLS).json()["refused"] == "the film was rejected"


def test_nobody_asks_faster_than_models_can_bear(
    talk: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.chat.MOST_IN_A_WINDOW", 1)
    client = talk.visitor(RADIOLOGIST)
    answer(talk, asked(client), "Yes.")
    refused = client.post(f"{CALLS}/turns", json={"question": "Why?"})
    assert refused.status_code == 429
    assert "ask again in a moment" in refused.json()["detail"]


@pytest.mark.parametrize("sent", [{}, {"question": ""}, {"question": "x" * 1001}, {"question": 1}])
def test_a_question_has_a_form(talk: Room, sent: dict[str, object]) -> None:
    client = talk.visitor(RADIOLOGIST)
    assert client.post(f"{CALLS}/turns", json=sent).status_code == 422
    with talk.db.read() as session:
        assert session.scalars(select(ChatTurn)).all() == []


def test_a_turn_is_of_its_own_film_only(talk: Room) -> None:
    film(talk.db, talk.spool, uid="1.2.3.4.101", study=STUDY)
    film(talk.db, talk.spool, uid="1.2.3.4.102", study="1.2.9")
    client = talk.visitor(RADIOLOGIST)
    turn = asked(client)
    other, elsewhere = PART.replace(FILM, "1.2.3.4.101"), "/studies/1.2.9/films/1.2.3.4.102/chat"
    for address in (other, elsewhere):
        assert client.get(f"/api/v1{address}").status_code == 200
        for tail in (f"/turns/{turn}", f"/turns/{turn}/events"):
            assert client.get(f"/api/v1{address}{tail}").status_code == 404
        assert client.post(f"/api/v1{address}/turns/{turn}/cancel").status_code == 404
        assert client.get(f"{address}/turns/{turn}").status_code == 404
    assert client.get(f"/studies/{STUDY}/films/1.2.3.4.102/chat").status_code == 404
    with talk.db.read() as session:
        assert session.get_one(ChatTurn, turn).state is TurnState.WAITING


def test_a_change_needs_the_sessions_token(talk: Room) -> None:
    client = talk.visitor(RADIOLOGIST)
    del client.headers["x-csrf-token"]
    assert client.post(f"{CALLS}/turns", json={"question": "Why?"}).status_code == 403
