"""Peers in TOML: there and back, each mistake named, held demo results let go or held again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.errors import SettingsError
from core.states import DeliveryState
from db.engine import Database
from db.models import AuditAction, AuditEvent, Delivery, Peer
from db.peer_entry import PeerEntry
from db.peers import (
    HELD_DEMO,
    enabled_peers,
    entry_of,
    export_peers,
    import_peers,
    save_peer,
)
from db.spool import Spool
from tests.db.builders import built, film, peer, publish, read_next, reading

PACS = """
[[peer]]
name = "pacs"
ae_title = "PACS"
host = "127.0.0.1"
port = 104
takes_results = true
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A file with one peer."""
    path = tmp_path / "peers.toml"
    path.write_text(PACS)
    return path


def test_a_file_becomes_rows_and_is_noted(db: Database, toml: Path) -> None:
    toml.write_text(
        PACS
        + """
        accepted_sop_classes = ["1.2.840.10008.5.1.4.1.1.88.59"]
        presentation_lut_shape = "INVERSE"
        sr_class = "comprehensive"
        sends_films = true
        accepts_demo = true
        [[peer]]
        name = "old"
        ae_title = "OLD"
        host = "pacs.example"
        port = 11112
        enabled = false
        """
    )
    with db.write() as session:
        assert [row.name for row in import_peers(session, toml, actor="root")] == ["pacs", "old"]
    with db.read() as session:
        pacs, old = session.scalars(select(Peer).order_by(Peer.id))
        audit = session.scalars(select(AuditEvent)).one()
        assert [row.name for row in enabled_peers(session)] == ["pacs"]
    assert (pacs.ae_title, pacs.host, pacs.port) == ("PACS", "127.0.0.1", 104)
    assert (pacs.sends_films, pacs.takes_results, pacs.accepts_demo) == (True, True, True)
    assert pacs.accepted_sop_classes == ["1.2.840.10008.5.1.4.1.1.88.59"]
    assert (pacs.presentation_lut_shape, pacs.sr_class) == ("INVERSE", "comprehensive")
    assert (old.enabled, old.sends_films, old.sr_class) == (False, False, "comprehensive3d")
    assert (audit.action, audit.actor) == (AuditAction.PEERS_IMPORTED, "root")
    assert audit.details == {"peers": ["pacs", "old"]}


def test_importing_again_changes_and_leaves_the_unnamed(db: Database, toml: Path) -> None:
    peer(db, "unnamed")
    with db.write() as session:
        (row,) = import_peers(session, toml)
        row.failures = 5
    toml.write_text(PACS.replace("104", "4242"))
    with db.write() as session:
        import_peers(session, toml)
    with db.read() as session:
        rows = {row.name: row for row in session.scalars(select(Peer))}
    assert rows.keys() == {"unnamed", "pacs"}
    assert (rows["pacs"].port, rows["pacs"].failures) == (4242, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[peer]", "peers.toml"),
        ("[[peers]]", "peers"),
        (PACS.replace("104", "70000"), "peer.0.port"),
        (PACS.replace('"PACS"', '"MUCH TOO LONG A TITLE"'), "peer.0.ae_title"),
        (PACS.replace('"PACS"', '"BACK\\\\SLASH"'), "peer.0.ae_title"),
        (PACS + 'accepted_sop_classes = ["1.2.x"]', "no UID: '1.2.x'"),
        (PACS + 'sr_class = "basic"', "peer.0.sr_class"),
        (PACS + "colour = 1", "peer.0.colour"),
        (PACS + 'series_description = "{kind}"', r"must hold {notice} .*'{kind}'"),
        (
            PACS + 'series_description = "{notice!r}"',
            "no template with plain {kind}.* '{notice!r}'",
        ),
        (PACS + 'series_description = "{notice} {x}"', "no template with plain {kind}"),
        (PACS + PACS, "named more than once: pacs"),
        ("name = '\udcff'", "peers.toml"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(
    db: Database, toml: Path, text: str, words: str
) -> None:
    toml.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError, match=words), db.write() as session:
        import_peers(session, toml)
    with db.read() as session:
        assert session.scalars(select(Peer)).all() == []


def test_a_file_that_is_not_there_is_named(db: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"), db.write() as session:
        import_peers(session, tmp_path / "none.toml")


ENTRIES = st.builds(
    PeerEntry,
    name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=64),
    ae_title=st.from_regex(r"[A-Z0-9_]{1,16}", fullmatch=True),
    host=st.sampled_from(["127.0.0.1", "::1", "pacs.example"]),
    port=st.integers(1, 65535),
    enabled=st.booleans(),
    sends_films=st.booleans(),
    takes_results=st.booleans(),
    accepts_demo=st.booleans(),
    accepted_sop_classes=st.lists(st.from_regex(r"1(\.[0-9]{1,4}){1,5}", fullmatch=True)),
    presentation_lut_shape=st.sampled_from(["auto", "IDENTITY", "INVERSE"]),
    sr_class=st.sampled_from(["comprehensive3d", "comprehensive"]),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(entries=st.lists(ENTRIES, max_size=3, unique_by=lambda entry: entry.name))
def test_exported_peers_come_back_equal(db: Database, toml: Path, entries: list[PeerEntry]) -> None:
    with db.write() as session:
        for row in session.scalars(select(Peer)):
            session.delete(row)
        session.flush()
        for entry in entries:
            save_peer(session, entry)
        exported = export_peers(session)
        for row in session.scalars(select(Peer)):
            session.delete(row)
    toml.write_bytes(exported.encode())
    with db.write() as session:
        import_peers(session, toml)
        again = {row.name: entry_of(row) for row in session.scalars(select(Peer))}
        assert export_peers(session) == exported
    assert again == {entry.name: entry for entry in entries}


def test_held_demo_results_follow_the_peer(db: Database, spool: Spool, toml: Path) -> None:
    with db.write() as session:
        pacs = import_peers(session, toml)[0].id
    film(db, spool)
    said = reading(demo=True)
    publish(db, built(spool, said, read_next(db, said), pacs))
    film(db, spool)
    real = reading()
    publish(db, built(spool, real, read_next(db, real), pacs))

    def outcome() -> list[tuple[DeliveryState, str]]:
        with db.read() as session:
            rows = session.scalars(select(Delivery).order_by(Delivery.id))
            return [(row.state, row.words) for row in rows]

    waiting, held = (DeliveryState.WAITING, ""), (DeliveryState.HELD, HELD_DEMO)
    assert outcome() == [held, waiting]
    for accepts, first in (("true", waiting), ("false", held)):
        toml.write_text(f"{PACS}accepts_demo = {accepts}\n")
        with db.write() as session:
            import_peers(session, toml)
        assert outcome() == [first, waiting]
