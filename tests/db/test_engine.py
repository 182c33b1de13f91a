"""Sessions: what a writer waits for, what a reader may not do, and how "away" is told.

Also the column types. Not covered: a server that is frozen rather than gone, which no
client-side setting of psycopg bounds.
"""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import exc, select, text, update

from core.clock import now
from core.errors import DatabaseAwayError
from core.states import JobKind, StudyState
from core.triage import Tier
from db import engine
from db.engine import Database
from db.models import Job, Study
from db.models.types import clean_text
from tests.peers.postgres import PostgresServer


def test_sqlite_is_set_to_survive_a_power_failure(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with db.read() as session:
        answers = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    db.close()
    assert answers == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 20_000,
    }


def test_writers_that_read_first_wait_for_each_other(db: Database) -> None:
    with db.write() as session:
        session.add(Study(uid="1"))
    threads, rounds = 4, 10

    def count() -> None:
        for _ in range(rounds):
            with db.write() as session:
                study = session.scalars(select(Study).with_for_update()).one()
                study.description = str(int(study.description or 0) + 1)

    running = [threading.Thread(target=count) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    with db.read() as session:
        assert session.scalars(select(Study.description)).one() == str(threads * rounds)


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with db.write() as session:
            session.add(Study(uid="1"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with db.read() as session:
        assert session.scalars(select(Study)).all() == []


def test_a_reading_session_refuses_to_write(db: Database) -> None:
    def add() -> None:
        with db.read() as session:
            session.add(Study(uid="1"))
            session.flush()

    def change() -> None:
        with db.read() as session:
            session.execute(update(Study).values(uid="2"))

    with pytest.raises(RuntimeError, match="asked to write"):
        add()
    with pytest.raises(RuntimeError, match="asked to change rows"):
        change()


def test_foreign_keys_hold(db: Database) -> None:
    def add() -> None:
        with db.write() as session:
            session.add(Job(kind=JobKind.DRAFT, instance_id=99))

    with pytest.raises(exc.IntegrityError):
        add()


def test_a_server_that_is_gone_is_told_and_comes_back(
    migrated_postgres: str, postgres_server: PostgresServer
) -> None:
    db = Database(migrated_postgres)
    with db.read() as session:
        before = session.execute(text("SELECT 1")).scalar_one()
    postgres_server.stop()
    try:
        with pytest.raises(DatabaseAwayError, match="does not answer"), db.read() as session:
            session.execute(text("SELECT 1"))
    finally:
        postgres_server.start()
    with db.read() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == before
    db.close()


def test_a_connection_cut_in_mid_transaction_is_told(
    migrated_postgres: str, postgres_server: PostgresServer
) -> None:
    db = Database(migrated_postgres)

    def write() -> None:
        with db.write() as session:
            session.add(Study(uid="cut"))
            session.flush()
            postgres_server.stop()

    try:
        with pytest.raises(DatabaseAwayError):
            write()
    finally:
        postgres_server.start()
    with db.read() as session:
        assert session.scalars(select(Study).where(Study.uid == "cut")).all() == []
    db.close()


def test_a_lock_that_is_never_let_go_is_told(
    monkeypatch: pytest.MonkeyPatch, migrated_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "locked.db"
    path.write_bytes(migrated_file.read_bytes())
    monkeypatch.setattr(engine, "_BUSY_SECONDS", 0.1)
    first, second = (Database(f"sqlite:///{path}") for _ in range(2))

    def write() -> None:
        with second.write() as session:
            session.add(Study(uid="2"))

    with first.write() as session:
        session.add(Study(uid="1"))
        session.flush()
        with pytest.raises(DatabaseAwayError, match="locked"):
            write()
    first.close()
    second.close()


def test_whoever_opens_a_new_file_waits_for_whoever_is_setting_it_up(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # Not yet in WAL mode, and somebody writes: SQLite itself would not wait in this very case.
    first.execute("CREATE TABLE one (number INTEGER)")
    first.execute("BEGIN IMMEDIATE")
    first.execute("INSERT INTO one VALUES (1)")
    done = threading.Timer(0.3, first.execute, args=("COMMIT",))
    done.start()
    db = Database(f"sqlite:///{path}")
    with db.read() as session:
        assert session.execute(text("SELECT number FROM one")).scalar_one() == 1
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    done.join()
    db.close()
    first.close()


def test_an_error_text_holds_no_values(db: Database) -> None:
    def add() -> None:
        with db.write() as session:
            session.add_all([Study(uid="1", patient_name="SECRET^NAME") for _ in range(2)])

    with pytest.raises(exc.IntegrityError) as caught:
        add()
    assert "SECRET" not in str(caught.value)


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="not mysql"):
        Database("mysql://root@127.0.0.1/x")


def test_times_keep_their_moment_and_come_back_in_utc(db: Database) -> None:
    at = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5)))
    with db.write() as session:
        session.add(Study(uid="1", received_at=at))
    with db.read() as session:
        found = session.scalars(select(Study.received_at)).one()
        by_time = session.scalars(select(Study.uid).where(Study.received_at <= at)).all()
    assert found == at
    assert found.tzinfo is UTC
    assert by_time == ["1"]


def test_a_naive_time_is_refused(db: Database) -> None:
    def add() -> None:
        with db.write() as session:
            session.add(Study(uid="1", received_at=now().replace(tzinfo=None)))

    with pytest.raises(exc.StatementError, match="without a zone"):
        add()


def test_states_are_stored_by_value_and_tiers_by_number(db: Database) -> None:
    with db.write() as session:
        session.add(Study(uid="1", state=StudyState.DRAFT_READY, tier=Tier.URGENT))
    with db.read() as session:
        assert session.execute(text("SELECT state, tier FROM study")).one() == ("draft_ready", 2)
        study = session.scalars(select(Study)).one()
    assert study.state is StudyState.DRAFT_READY
    assert study.tier is Tier.URGENT


@pytest.mark.parametrize(
    ("hostile", "stored"),
    [
        ("NUL\x00NUL", "NUL\ufffdNUL"),
        ("\ud800alone", "\ufffdalone"),
        ("Ä^字\U0001f600", "Ä^字\U0001f600"),
    ],
)
def test_any_text_can_be_stored(db: Database, hostile: str, stored: str) -> None:
    with db.write() as session:
        session.add(Study(uid="1", patient_name=hostile))
    with db.read() as session:
        assert session.scalars(select(Study.patient_name)).one() == stored
    assert clean_text(hostile) == stored
