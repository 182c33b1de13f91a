"""`firstread results` and the modes of `firstread peers`: what they print, and how they end.

Covered: tables, JSON, exit codes, who is named in the audit. Not covered: what becomes of it
(tests/db/test_recalls.py, tests/gateway/test_modes.py).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commands.operator import operator
from commands.results import retract, send
from commands.sending import change, list_
from commands.status import status
from core.errors import WrongArgumentError
from core.states import DeliveryState, SendingMode
from db.engine import Database
from db.models import AuditAction, Delivery, Peer
from db.spool import Spool
from tests.commands.shell import firstread
from tests.db.builders import film, peer, read_next, reading
from tests.db.reviewing import STUDY, all_sent, events, publish_draft
from tests.gateway.edge import make_settings, prepare_database


@dataclass
class House:
    """An installation with a settings file, whose peers have a study's three results."""

    file: Path
    db: Database
    spool: Spool


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = make_settings(tmp_path)
    prepare_database(settings)
    file = tmp_path / "firstread.toml"
    file.write_text(f'data = "{tmp_path}"\n')
    db, spool = Database(settings.database_url), Spool(settings.spool_folder, 0)
    film(db, spool)
    said = reading()
    peers = peer(db, takes_rejections=True), peer(db, "other")
    publish_draft(db, spool, said, read_next(db, said), *peers)
    all_sent(db)
    yield House(file, db, spool)
    db.close()


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_sending_again(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    change(house.file, "other", SendingMode.PAUSE, as_json=True)
    assert told(capsys)["mode"] == "pause"
    assert send(house.file, STUDY, None, as_json=True)
    rows = {row["peer"]: row for row in told(capsys)["peers"]}
    assert {name: row["again"] for name, row in rows.items()} == {"pacs": 3, "other": 3}
    assert rows["other"]["remark"] == "they wait: this peer is paused"
    assert not send(house.file, STUDY, "pacs", as_json=False)
    assert "pacs" in capsys.readouterr().out
    resent = events(house.db, AuditAction.DELIVERIES_RESENT)
    assert [event.actor for event in resent] == [operator()] * 2


def test_taking_back_names_where_it_remains(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not retract(house.file, STUDY, "wrong archive", None, as_json=True)
    rows = {row["peer"]: row for row in told(capsys)["peers"]}
    assert {name: row["remains"] for name, row in rows.items()} == {"pacs": False, "other": True}
    assert "takes no rejection notes" in rows["other"]["remark"]
    assert rows["pacs"]["remark"] == "the peer is told"
    assert not retract(house.file, STUDY, "wrong archive", "other", as_json=False)
    assert retract(house.file, STUDY, "wrong archive", "pacs", as_json=False)
    assert "the peer is told" in capsys.readouterr().out
    assert not send(house.file, STUDY, None, as_json=True)
    assert {row["overtaken"] for row in told(capsys)["peers"]} == {3}


@pytest.mark.parametrize("name", [None, "pacs"])
def test_what_is_not_built_yet_is_taken_back(
    house: House, capsys: pytest.CaptureFixture[str], name: str | None
) -> None:
    """Also at a reporting system, and at a disabled peer, which may be enabled again."""
    film(house.db, house.spool, study="1.2.4")
    said = reading()
    version = read_next(house.db, said)
    with house.db.write() as session:
        said_of: dict[str, dict[str, Any]] = {
            "ris": {"protocol": "hl7", "takes_results": True},
            "old": {"enabled": False, "takes_results": True},
            "modality": {},
        }
        for other, values in said_of.items():
            session.add(Peer(name=other, ae_title="", host="h", port=1, **values))
    assert retract(house.file, "1.2.4", "wrong patient", name, as_json=True)
    rows = told(capsys)["peers"]
    assert [row["peer"] for row in rows] == [name] if name else ["old", "other", "pacs", "ris"]
    with house.db.read() as session:
        numbers = session.scalars(select(Peer.id)).all()
    publish_draft(house.db, house.spool, said, version, *numbers)
    with house.db.read() as session:
        left = session.scalars(
            select(Peer.name)
            .join(Delivery, Delivery.peer_id == Peer.id)
            .where(Delivery.state == DeliveryState.WAITING)
            .distinct()
        )
        kept_back = {"modality", "old", "other", "pacs", "ris"} - set(left)
    assert kept_back == ({name} if name else {"old", "other", "pacs", "ris"})


def test_an_empty_reason_is_refused_whoever_is_concerned(house: House) -> None:
    for study, name in ((STUDY, None), ("9.9", "pacs")):
        with pytest.raises(WrongArgumentError, match="needs a reason"):
            retract(house.file, study, " ", name, as_json=True)


def test_what_is_still_to_be_read_is_said(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    film(house.db, house.spool, study="1.2.4")
    assert not retract(house.file, "1.2.4", "wrong patient", None, as_json=True)
    assert told(capsys)["to_be_read"] == 1
    assert not retract(house.file, "1.2.4", "wrong patient", None, as_json=False)
    assert "films still to be read: 1; their drafts will leave" in capsys.readouterr().err


def test_a_mode_is_said_and_listed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    change(house.file, "pacs", SendingMode.DRY_RUN, as_json=False)
    change(house.file, "pacs", SendingMode.DRY_RUN, as_json=False)
    said = capsys.readouterr().err
    assert "pacs is in mode dry_run: nothing is sent to it" in said
    assert "pacs is already in mode dry_run" in said
    list_(house.file, as_json=True)
    modes = {one["name"]: one["mode"] for one in told(capsys)["peers"]}
    assert modes == {"other": "send", "pacs": "dry_run"}
    list_(house.file, as_json=False)
    assert "dry_run" in capsys.readouterr().out
    (event,) = events(house.db, AuditAction.PEER_MODE_CHANGED)
    assert event.actor == operator()
    assert send(house.file, STUDY, "pacs", as_json=True)
    capsys.readouterr()
    assert not status(house.file, as_json=True)
    assert "peer pacs is in mode dry_run: 3 results wait" in told(capsys)["troubles"]


@pytest.mark.parametrize(("study", "name"), [("9.9", None), (STUDY, "nobody")])
def test_who_and_what_is_not_known(house: House, study: str, name: str | None) -> None:
    with pytest.raises(WrongArgumentError):
        send(house.file, study, name, as_json=True)
    with pytest.raises(WrongArgumentError):
        retract(house.file, study, "because", name, as_json=True)


def test_the_front_door_knows_them(house: House) -> None:
    run = firstread("--settings", str(house.file), "peers", "pause", "nobody")
    assert (run.returncode, "no peer is called nobody" in run.stderr) == (2, True)
    run = firstread("--settings", str(house.file), "results", "retract", STUDY, "--reason", "why")
    assert (run.returncode, "remains there" in run.stdout) == (1, True)
