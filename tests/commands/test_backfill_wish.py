"""What `firstread backfill` refuses before it asks anybody for anything.

Covered: wrong names and dates, and no gateway to receive. Not covered: a backfill that runs
(tests/integration/test_backfill).
"""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from commands.backfill import Backfill, backfill
from core.errors import PeerUnavailableError, SettingsError
from db.engine import Database
from db.models import Retrieval
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.peers.processes import free_port

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


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (wish("nobody"), "no enabled peer called 'nobody'"),
        (wish("off"), "no enabled peer called 'off'"),
        (wish(end="1999-02-28"), "lies before the first"),
        (wish("archive", "1.3.1999"), "YYYY-MM-DD"),
        (wish(end="1999-02-29"), "YYYY-MM-DD"),
    ],
)
def test_a_wrong_wish_is_refused(file: Path, wrong: Backfill, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        backfill(file, wrong, as_json=True)


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
