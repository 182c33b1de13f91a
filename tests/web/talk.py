"""A talk about a film: questions as pages ask them, and a worker's hand in the database."""

from typing import Any

from starlette.testclient import TestClient

from core.labels import Label
from core.reading import Box
from core.states import JobKind
from db.chat_answers import Answered, store_answer, turn_for, write_piece
from db.jobs import Claim, claim
from db.standings import register_model
from tests.db.builders import let_show, model
from tests.web.drafts import FILM, STUDY, drafted
from tests.web.room import Room

PART = f"/studies/{STUDY}/films/{FILM}/chat"
CALLS = f"/api/v1{PART}"
BOX = Box(0.125, 0.25, 0.5, 0.75)


def read_film(room: Room) -> None:
    """Let a film be read by a model that may be shown."""
    drafted(room, Label.EDEMA)
    let_show(room.db, model())


def asked(client: TestClient, words: str = "Why?") -> int:
    """Ask; give the turn's number."""
    answer = client.post(f"{CALLS}/turns", json={"question": words})
    assert answer.status_code == 202, answer.text
    values: dict[str, Any] = answer.json()
    return int(values["id"])


def begun(room: Room) -> Claim:
    """Claim the next question, and begin its answer."""
    held = claim(room.db, [JobKind.CHAT], worker="w", lease_seconds=60.0)
    assert held is not None
    turn_for(room.db, held, model().uid)
    return held


def answer(room: Room, turn: int, words: str, *boxes: Box) -> None:
    """Answer the next question as a worker does."""
    held = begun(room)
    write_piece(room.db, held, turn, words, model().uid)
    with room.db.write() as session:
        register_model(session, model(), actor="w")
    store_answer(room.db, held, turn, Answered(words, boxes, 0), model())
