"""The audit's chain: what is written holds, what was tampered with is named, on both databases.

Covered: events of one and of many transactions, rolled back ones, odd values, several writers at
once that lock other rows in crossing orders, the triggers, each way of tampering by somebody whom
the triggers do not stop, and events of before the chain. The commands are tested in
`tests/commands/test_audit.py`. Not covered: whoever makes the whole chain anew, which only a head
that was kept elsewhere can tell.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import exc, select, text
from sqlalchemy.orm import Session

from db.audit import record
from db.audit_chain import FIRST
from db.audit_guards import missing_guards
from db.audit_repair import repair_head
from db.audit_trail import verify_audit
from db.deliveries import mark_failed, mark_sent
from db.engine import Database, create_database_engine
from db.models import AuditAction, AuditEvent, AuditHead, Peer, Study
from db.spool import Spool
from db.upgrade import alembic_config, upgrade
from tests.db.builders import built, film, peer, publish, read_next, reading
from tests.peers.postgres import PostgresServer

ACTION = AuditAction.TIER_RAISED
_THREADS = 8
_EACH = 25
_OLD = """
    INSERT INTO audit_event (id, at, actor, action, details)
    VALUES (:id, :at, 'x', 'film_failed', '{"a"\\: 0.5}')
"""
_FORGED = """
    INSERT INTO audit_event (id, at, actor, action, details, hash)
    VALUES ({}, '2026-01-01 00:00:00', '', 'tier_raised', '{{}}', '')
"""


def _write(db: Database, *numbers: int) -> None:
    """Write some events in one transaction."""
    with db.write() as session:
        for number in numbers:
            record(session, ACTION, actor="test", number=number)


def _unguarded(db: Database, *statements: str) -> None:
    """Do what the triggers refuse, as the database's owner can."""
    with db.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in session.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            session.execute(text(statement))


def test_each_event_hangs_on_the_one_before(db: Database) -> None:
    assert verify_audit(db).broken == ""
    _write(db, 1, 2)
    _write(db, 3)
    with db.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        head = session.scalars(select(AuditHead)).one()
    assert [event.id for event in events] == [1, 2, 3]
    assert [event.details["number"] for event in events] == [1, 2, 3]
    assert len({event.hash for event in events}) == 3
    assert (head.last_id, head.hash) == (3, events[-1].hash)
    verdict = verify_audit(db)
    assert (verdict.events, verdict.broken, verdict.end.hash) == (3, "", head.hash)


def test_what_is_rolled_back_leaves_no_gap(db: Database) -> None:
    _write(db, 1)

    def fail() -> None:
        with db.write() as session:
            record(session, ACTION, actor="test", number=2)
            session.add(Study(uid="rolled back"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    _write(db, 3)
    with db.read() as session:
        assert session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)).all() == [1, 2]
    assert verify_audit(db).broken == ""


@pytest.mark.parametrize(
    "odd",
    [
        "NUL \0 and half a pair \ud800",
        "Ä \N{SNOWMAN} \U0001f600",
        0.1 + 0.2,
        1e300,
        [None, {"a": ""}],
    ],
)
def test_odd_values_hold(db: Database, odd: object) -> None:
    with db.write() as session:
        record(session, ACTION, actor=str(odd), odd=odd)
    assert verify_audit(db).broken == ""


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), [{"a": float("-inf")}]])
def test_what_is_no_json_is_no_detail(db: Database, odd: object) -> None:
    def write() -> None:
        with db.write() as session:
            record(session, ACTION, actor="test", odd=odd)

    with pytest.raises(ValueError, match="details of tier_raised are no JSON"):
        write()
    assert verify_audit(db).events == 0


def test_many_writers_make_one_chain(db: Database) -> None:
    def write(first: int) -> None:
        for number in range(first, first + _EACH):
            _write(db, number)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(write, range(0, _THREADS * _EACH, _EACH)))
    verdict = verify_audit(db)
    assert (verdict.events, verdict.broken) == (_THREADS * _EACH, "")


def test_writers_that_cross_each_other_do_not_wait_for_ever(db: Database) -> None:
    """One holds a study and speaks of another's, and the other way round; each first its event."""
    peer(db)
    with db.write() as session:
        session.add_all([Study(uid="1"), Study(uid="2")])
    both = threading.Barrier(2)

    def write(mine: int) -> None:
        for _ in range(_EACH):
            with db.write() as session:
                record(session, ACTION, actor="test", study_id=3 - mine)
                session.execute(select(Study).where(Study.id == mine).with_for_update())
                if mine == 1:
                    session.execute(select(Peer).with_for_update())
                record(session, ACTION, actor="test", study_id=3 - mine)
                if session.get_bind().dialect.name == "postgresql":
                    # Both hold their study before either one takes the head.
                    both.wait(20.0)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (1, 2)))
    verdict = verify_audit(db)
    assert (verdict.events, verdict.broken) == (4 * _EACH, "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'nobody'",
        "UPDATE audit_event SET hash = '' WHERE id = 1",
        "DELETE FROM audit_event WHERE id = 2",
        "DELETE FROM audit_event",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET last_id = 0, hash = ''",
        "UPDATE audit_head SET hash = ''",
        "UPDATE audit_head SET last_id = 2147483647",
        "UPDATE audit_head SET last_id = 3",
        "UPDATE audit_head SET last_id = 3, hash = ''",
        _FORGED.format(1),
        _FORGED.format(3),
        _FORGED.format(4),
        _FORGED.replace("'')", f"'{'0' * 64}')").format(4),
        "INSERT INTO audit_head (id, last_id, hash) VALUES (1, 0, '')",
    ],
)
def test_the_database_refuses(db: Database, statement: str) -> None:
    _write(db, 1, 2)

    def tamper() -> None:
        with db.write() as session:
            session.execute(text(statement))

    with pytest.raises(exc.IntegrityError):
        tamper()
    assert verify_audit(db).broken == ""


def test_replacing_is_refused_too(db: Database, backend: str) -> None:
    _write(db, 1)
    statement = "TRUNCATE audit_event"
    if backend == "sqlite":
        columns = "id, at, action, details, hash"
        statement = (
            f"REPLACE INTO audit_event (actor, {columns}) SELECT 'x', {columns} FROM audit_event"  # noqa: S608
        )

    def tamper() -> None:
        with db.write() as session:
            session.execute(text(statement))

    with pytest.raises(exc.IntegrityError):
        tamper()
    assert verify_audit(db).events == 1


@pytest.mark.parametrize(
    ("statements", "event"),
    [
        (["UPDATE audit_event SET actor = 'nobody' WHERE id = 2"], "event 2"),
        (["UPDATE audit_event SET at = '2020-01-01 00:00:00' WHERE id = 3"], "event 3"),
        (["UPDATE audit_event SET details = '{}' WHERE id = 1"], "event 1"),
        (["UPDATE audit_event SET study_id = 7 WHERE id = 4"], "event 4"),
        (["UPDATE audit_event SET action = 'film_failed' WHERE id = 4"], "event 4"),
        (["UPDATE audit_event SET action = 'no action at all' WHERE id = 4"], "event 4"),
        (["DELETE FROM audit_event WHERE id = 2"], "event 3"),
        (["DELETE FROM audit_event WHERE id = 1"], "event 2"),
        (["DELETE FROM audit_event WHERE id = 5"], "stops at event 4, not at 5"),
        (["DELETE FROM audit_event"], "stops at event 0, not at 5"),
        (["DELETE FROM audit_head"], "head"),
        (
            [
                "UPDATE audit_event SET id = 9 WHERE id = 2",
                "UPDATE audit_event SET id = 2 WHERE id = 3",
                "UPDATE audit_event SET id = 3 WHERE id = 9",
            ],
            "event 2",
        ),
        (
            [_FORGED.format(6)],
            "event 6",
        ),
    ],
)
def test_what_was_tampered_with_is_named(db: Database, statements: list[str], event: str) -> None:
    _write(db, 1, 2, 3, 4, 5)
    _unguarded(db, *statements)
    assert event in verify_audit(db).broken


def test_an_end_that_was_cut_off_with_its_head_is_told_by_a_head_that_was_kept(
    db: Database,
) -> None:
    _write(db, 1, 2, 3)
    kept = verify_audit(db).end.hash
    _write(db, 4)
    assert verify_audit(db, kept=kept).broken == ""
    _unguarded(
        db,
        "DELETE FROM audit_event WHERE id > 2",
        "UPDATE audit_head SET last_id = 2, hash = (SELECT hash FROM audit_event WHERE id = 2)",
    )
    assert verify_audit(db).events == 2
    assert kept in verify_audit(db, kept=kept).broken


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit_head SET last_id = 7",
        "UPDATE audit_head SET hash = ''",
        "DELETE FROM audit_head",
        _FORGED.format(3),
    ],
)
def test_the_owner_puts_the_head_right_and_it_is_seen(db: Database, harm: str) -> None:
    _write(db, 1, 2)
    assert repair_head(db, "alice") is None
    _unguarded(db, harm)
    if db.url.startswith("sqlite"):
        upgrade(db.url)
    assert repair_head(db, "alice") is not None
    _write(db, 3)
    assert _missing(db) == []
    with db.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.action for event in events[-2:]] == [AuditAction.AUDIT_HEAD_REPAIRED, ACTION]
    assert events[-2].actor == "alice"
    assert events[-2].details["now"]["id"] == events[-2].id - 1
    # What stood there wrongly is told still.
    assert ("event 3" in verify_audit(db).broken) is ("INSERT" in harm)


@pytest.mark.parametrize(
    ("note", "action"),
    [(mark_sent, AuditAction.RESULT_SENT), (mark_failed, AuditAction.RESULT_REFUSED)],
)
def test_what_left_is_noted(
    db: Database,
    spool: Spool,
    note: Callable[[Session, int, int | None, str], None],
    action: AuditAction,
) -> None:
    number = peer(db)
    film(db, spool)
    said = reading()
    made = built(spool, said, read_next(db, said), number)
    publish(db, made)
    with db.write() as session:
        note(session, 1, 0x0000, "words of a peer, which may name a patient")
    with db.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == action)).one()
    assert (event.study_id, event.instance_id) == (1, 1)
    assert event.details == {"peer": "pacs", "uid": made.uid, "kind": "report_sr", "status": 0}


def _missing(db: Database) -> list[str]:
    engine = create_database_engine(db.url)
    with engine.connect() as connection:
        missing = missing_guards(connection)
    engine.dispose()
    return missing


def test_an_upgrade_brings_lost_triggers_back(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = _new_url(backend, request, tmp_path)
    upgrade(url)
    db = Database(url)
    assert _missing(db) == []
    _write(db, 1)
    with db.write() as session:
        if backend == "sqlite":
            session.execute(text("DROP TRIGGER audit_event_no_update"))
        else:
            session.execute(text("DROP TRIGGER audit_head_one_step ON audit_head"))
            session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change"))
    assert len(_missing(db)) == (1 if backend == "sqlite" else 2)
    assert "triggers" in verify_audit(db).broken
    upgrade(url)
    assert _missing(db) == []
    assert verify_audit(db).broken == ""
    db.close()


def test_events_of_before_the_chain_are_chained(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = _new_url(backend, request, tmp_path)
    engine = create_database_engine(url)
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for number in (1, 2, 5):
            event = {"id": number, "at": f"2026-01-0{number} 10:00:00+00:00"}
            connection.execute(text(_OLD), event)
    engine.dispose()
    upgrade(url)
    db = Database(url)
    verdict = verify_audit(db)
    assert (verdict.events, verdict.broken, verdict.end.last_id) == (3, "", 5)
    _write(db, 6)
    verdict = verify_audit(db)
    assert (verdict.events, verdict.broken, verdict.end.last_id) == (4, "", 6)
    assert verdict.end.hash != FIRST
    db.close()


def _new_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()
