"""What `firstread backfill` refuses before it asks anybody for anything.

Covered: wrong names, dates and modalities, a name that stands for another question, and no
gateway to receive. Not covered: a backfill that runs
(tests/integration/test_backfill).
"""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commands.backfill import Backfill, backfill
from core.errors import PeerUnavailableError, WrongArgumentError
from db.campaigns import keep_question
from db.engine import Database
from db.models import Retrieval
from evaluation.servers.process import free_port
from tests.commands.shell import firstread
from tests.gateway.edge import add_peer, make_settings, prepare_database

DATES = ("1999-03-01", "1999-03-05")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the settings file of an installation that knows an archive, and runs no gateway."""
    settings = make_settings(tmp_path / "data")
    prepare_database(settings)
    db = Database(settings.database_url)
    add_peer(db, "archive", port=free_port())
    add_peer(db, "off", enabled=False)
    db.close()
    path = tmp_path / "firstread.toml"
    path.write_text(f'data = "{settings.data}"\n[gateway]\nport = {free_port()}\n')
    return path


def wish(peer: str = "archive", begin: str = DATES[0], end: str = DATES[1]) -> Backfill:
    """Give a backfill."""
    return Backfill(peer, begin, end, ("CR", "DX"), "", 30.0, 10)


@pytest.mark.parametrize("peer", ["nobody", "off"])
def test_a_peer_that_cannot_be_asked_is_refused(file: Path, peer: str) -> None:
    with pytest.raises(WrongArgumentError, match=f"no enabled peer called '{peer}'"):
        backfill(file, wish(peer), as_json=True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"end": "1999-02-28"}, "lies before the first"),
        ({"begin": "1.3.1999"}, "YYYY-MM-DD"),
        ({"begin": "19990301"}, "YYYY-MM-DD"),
        ({"end": "1999-02-29"}, "YYYY-MM-DD"),
        ({"end": "1999-13-01"}, "YYYY-MM-DD"),
        ({"modalities": ()}, "a modality is needed"),
        ({"modalities": ("CR", "")}, "a modality has 1 to 16"),
        ({"modalities": ("  ",)}, "a modality has 1 to 16"),
        ({"modalities": ("C*",)}, "a modality has 1 to 16"),
        ({"modalities": ("cr",)}, "a modality has 1 to 16"),
        ({"modalities": ("X" * 17,)}, "a modality has 1 to 16"),
        ({"name": "a\x1b[31m"}, "printable characters"),
        ({"name": "n" * 201}, "at most 200"),
        ({"per_minute": math.nan}, "no number of studies"),
    ],
)
def test_a_wrong_wish_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongArgumentError, match=words):
        replace(wish(), **wrong)


def test_a_name_stands_for_one_question(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spring = replace(wish(), name="spring")
    db = Database(f"sqlite:///{tmp_path / 'data' / 'firstread.db'}")
    with db.write() as session:
        assert keep_question(session, "spring", spring.question(), actor="test") == (
            spring.question()
        )
    with db.write() as session:
        assert keep_question(session, "autumn", "another", actor="test") == "another"
        assert keep_question(session, "spring", "another", actor="test") == spring.question()
    db.close()
    # It is asked for before anybody else is.
    monkeypatch.setattr("commands.backfill.gateway_answers", lambda *_settings, **_caller: None)
    with pytest.raises(WrongArgumentError, match="'spring' is the name of 'archive 1999"):
        backfill(file, replace(spring, end="1999-03-04"), as_json=True)


def test_the_same_question_is_said_in_the_same_words() -> None:
    twice = replace(wish(), modalities=("DX", "CR", "DX"), per_minute=1.0, most=1)
    assert twice.question() == wish().question()
    assert replace(wish(), end="1999-03-04").question() != wish().question()


def test_wrong_values_of_options_are_one_line_and_2(file: Path) -> None:
    shared = ("--settings", str(file), "backfill", "--peer", "archive", "--to", "1999-03-05")
    for wrong in (("--from", "2026-13-01"), ("--from", DATES[0], "--name", "\x1b[31m")):
        run = firstread(*shared, *wrong)
        assert (run.returncode, run.stderr.count("\n")) == (2, 1)
        assert "\x1b" not in run.stderr


def test_it_says_so_where_no_gateway_runs(file: Path, tmp_path: Path) -> None:
    with pytest.raises(PeerUnavailableError, match="no gateway answers here as FIRSTREAD_RTRV"):
        backfill(file, wish(), as_json=True)
    db = Database(f"sqlite:///{tmp_path / 'data' / 'firstread.db'}")
    with db.read() as session:
        assert session.scalars(select(Retrieval)).all() == []
    db.close()


def test_it_is_known_by_what_it_is_unless_it_has_a_name() -> None:
    assert wish().campaign().name == "archive 1999-03-01 to 1999-03-05 CR+DX"
    named = Backfill("archive", *DATES, ("CR",), " spring ", 30.0, 10)
    assert named.campaign().name == "spring"
    assert wish().days() == [date(1999, 3, day) for day in range(1, 6)]
