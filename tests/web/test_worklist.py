"""The worklist's page."""

from core.accounts import AccountRole
from core.labels import Label
from tests.db.builders import film, read_next, reading
from tests.web.room import Room


def test_a_draft_is_listed(room: Room) -> None:
    film(room.db, room.spool)
    read_next(room.db, reading(Label.PNEUMOTHORAX))
    film(room.db, room.spool, study="1.9")
    person = room.visitor(AccountRole.RADIOLOGIST)
    answer = person.get("/worklist")
    assert answer.status_code == 200, answer.text
    print(answer.text)
    assert person.get("/worklist/lists?place=all").status_code == 200
    assert person.post("/worklist/search", data={"text": "doe"}).status_code == 200


def test_api(room: Room) -> None:
    film(room.db, room.spool)
    read_next(room.db, reading(Label.PNEUMOTHORAX))
    person = room.visitor(AccountRole.RADIOLOGIST)
    print(person.get("/api/v1/worklist").json())
    print(person.get("/api/v1/worklist/counts").json())
    print(person.post("/api/v1/worklist/search", json={"text": "doe"}).json())
