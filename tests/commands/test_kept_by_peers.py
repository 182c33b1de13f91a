"""What the commands say of results that peers stored, and whether they keep them.

Covered: `firstread status` and `firstread study`, for people and for programs. Not covered:
`firstread peers echo`, whose words tests/gateway/test_reach.py holds.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from commands.status import status
from commands.study import study
from db.commitment_answers import note_unanswered
from db.commitment_requests import put_off_asking
from db.engine import Database
from db.models import Delivery
from db.spool import Spool
from tests.db.builders import peer
from tests.db.stored_results import RULES, asked, asked_peer, store, told
from tests.gateway.edge import make_settings, prepare_database

GONE = 0x0112


class House:
    """An installation with a settings file."""

    def __init__(self, folder: Path) -> None:
        settings = make_settings(folder)
        prepare_database(settings)
        self.file = folder / "firstread.toml"
        self.file.write_text(f'data = "{folder}"\n')
        self.db = Database(settings.database_url)
        self.spool = Spool(settings.spool_folder, 0)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.db.close()


@pytest.fixture
def pacs(house: House) -> int:
    return asked_peer(house.db)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_the_status_parts_stored_from_committed(
    house: House, pacs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    peer(house.db, "unasked")
    request = asked(house.db, pacs, store(house.db, house.spool, pacs))
    told(house.db, request, request.objects[:1])
    status(house.file, as_json=True)
    (kept,) = answer(capsys)["commitment"]
    assert (kept["peer"], kept["way"]) == ("pacs", "ask")
    assert (kept["stored"], kept["committed"], kept["left"], kept["lost"]) == (2, 1, 0, 0)
    assert kept["asked_since"] > kept["stored_since"]
    status(house.file, as_json=False)
    shown = capsys.readouterr().out
    assert "Kept by peers" in shown
    assert "unasked" not in shown[shown.index("Kept by peers") : shown.index("Needs attention")]


def test_what_was_lost_and_what_was_given_up_is_counted(
    house: House, pacs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(house.db, pacs, store(house.db, house.spool, pacs))
    told(house.db, request, failed={request.objects[0]: GONE})
    with house.db.write() as session:
        session.execute(update(Delivery).values(asks=RULES.maximum_requests))
        note_unanswered(session, request.commitment_id, RULES)
    with house.db.write() as session:
        put_off_asking(session, pacs, "no answer to N-ACTION", 60.0)
    assert not status(house.file, as_json=True)
    said = answer(capsys)
    (kept,) = said["commitment"]
    assert (kept["stored"], kept["left"], kept["lost"]) == (2, 2, 1)
    assert (
        "2 results are stored at pacs and not committed, and asked about no more"
        in said["troubles"]
    )
    assert "pacs cannot be asked what it keeps: no answer to N-ACTION" in said["troubles"]


def test_a_study_shows_what_is_committed_and_what_is_asked(
    house: House, pacs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(house.db, pacs, store(house.db, house.spool, pacs))
    told(house.db, request, request.objects[:1])
    assert study(house.file, "1.2.3", as_json=True)
    first, *others = (one["deliveries"][0] for one in answer(capsys)["results"])
    assert (first["state"], first["asked_at"]) == ("committed", None)
    assert first["committed_at"] is not None
    for other in others:
        assert (other["state"], other["committed_at"], other["lost"]) == ("sent", None, 0)
        assert other["asked_at"] is not None
    assert study(house.file, "1.2.3", as_json=False)
    shown = capsys.readouterr().out
    assert "committed" in shown
    assert "asked" in shown
