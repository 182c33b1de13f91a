"""deploy/peers.toml can be imported, and shows every value that a peer has.

Import and export themselves are tested in tests/db.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database
from db.peer_entry import PeerEntry
from db.peers import enabled_peers, import_peers
from db.upgrade import upgrade

_EXAMPLE = Path(__file__).parents[2] / "deploy" / "peers.toml"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    url = f"sqlite:///{tmp_path / 'firstread.db'}"
    upgrade(url)
    database = Database(url)
    yield database
    database.close()


def test_the_example_is_imported(db: Database) -> None:
    with db.write() as session:
        import_peers(session, _EXAMPLE)
    with db.read() as session:
        roles = {p.name: (p.sends_films, p.takes_results) for p in enabled_peers(session)}
    assert roles == {"pacs": (False, True), "ris": (False, True), "xray-room-1": (True, False)}


def test_the_example_shows_every_value() -> None:
    tables = tomllib.loads(_EXAMPLE.read_text())["peer"]
    assert {key for table in tables for key in table} == set(PeerEntry.model_fields)
