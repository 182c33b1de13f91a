"""Intake of one UID by two at once, and what is left when an object cannot be kept.

The database goes away at each step that differs; a full disk is in `test_spool`.
"""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, exc

from core.errors import DatabaseAwayError
from db import engine
from db.engine import Database
from db.intake import OTHER_STUDY, IntakeKind, IntakeOutcome, set_aside, take_in
from db.models import Instance, Job, Study
from db.spool import Spool
from tests.db.builders import TO_READ, count, files, never_same, received
from tests.peers.postgres import PostgresServer

UID = "1.2.3.4.5"


class MeetingSpool(Spool):
    """A spool by which two intakes find a UID unknown before either enters it."""

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        super().__init__(folder, reserve_bytes)
        self._both_looked = threading.Barrier(2)

    def keep(self, temporary: Path, name: str) -> Path:
        """Keep a file once both want to."""
        if name == "received.dcm":
            self._both_looked.wait(timeout=20)
        return super().keep(temporary, name)


@pytest.mark.parametrize("same", [True, False])
def test_of_two_at_once_one_is_new(db: Database, spool: Spool, *, same: bool) -> None:
    meeting = MeetingSpool(spool.folder, 0)
    outcomes: list[IntakeOutcome] = []

    def run(content: bytes) -> None:
        item = received(meeting, UID, content=content)
        outcomes.append(take_in(db, meeting, item, TO_READ, lambda _a, _b: same))

    threads = [threading.Thread(target=run, args=(content,)) for content in (b"one", b"two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second = IntakeKind.SAME if same else IntakeKind.QUARANTINED
    assert {outcome.kind for outcome in outcomes} == {IntakeKind.NEW, second}
    assert count(db, Instance) == count(db, Job) == count(db, Study) == 1
    assert len(files(spool)) == (1 if same else 2)


def test_two_at_once_in_different_studies_leave_one_study(db: Database, spool: Spool) -> None:
    meeting = MeetingSpool(spool.folder, 0)
    outcomes: list[IntakeOutcome] = []

    def run(study: str) -> None:
        item = received(meeting, UID, study=study)
        outcomes.append(take_in(db, meeting, item, TO_READ, never_same))

    threads = [threading.Thread(target=run, args=(study,)) for study in ("1.1", "1.2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(outcome.reason) for outcome in outcomes) == ["None", OTHER_STUDY]
    assert count(db, Study) == 1


def test_a_database_that_goes_away_leaves_no_file(
    migrated_postgres: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    class StoppingSpool(Spool):
        """The database goes away once the file is kept."""

        def keep(self, temporary: Path, name: str) -> Path:
            kept = super().keep(temporary, name)
            postgres_server.stop()
            return kept

    db = Database(migrated_postgres)
    spool = StoppingSpool(tmp_path / "spool", 0)
    item = received(spool, study="7.7")
    try:
        with pytest.raises(DatabaseAwayError):
            take_in(db, spool, item, TO_READ, never_same)
    finally:
        postgres_server.start()
    assert files(spool) == set()
    again = replace(received(spool, study="7.7"), sop_instance_uid=item.sop_instance_uid)
    outcome = take_in(db, Spool(spool.folder, 0), again, TO_READ, never_same)
    assert outcome.kind is IntakeKind.NEW
    db.close()


def test_a_locked_database_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch, migrated_file: Path, tmp_path: Path, spool: Spool
) -> None:
    path = tmp_path / "locked.db"
    path.write_bytes(migrated_file.read_bytes())
    monkeypatch.setattr(engine, "_BUSY_SECONDS", 0.1)
    holder, db = (Database(f"sqlite:///{path}") for _ in range(2))
    with holder.write() as session:
        session.add(Study(uid="1"))
        session.flush()
        with pytest.raises(DatabaseAwayError):
            take_in(db, spool, received(spool), TO_READ, never_same)
        temporary = spool.temporary()
        temporary.write_bytes(b"x")
        with pytest.raises(DatabaseAwayError):
            set_aside(db, spool, temporary, reason="torn")
    assert files(spool) == set()
    holder.close()
    db.close()


def test_a_failed_commit_keeps_the_file_since_nobody_knows(db: Database, spool: Spool) -> None:
    def lose_the_answer(_connection: object) -> None:
        statement = "COMMIT"
        raise exc.OperationalError(statement, None, Exception("connection lost"))

    event.listen(db._engine, "commit", lose_the_answer)
    with pytest.raises(DatabaseAwayError):
        take_in(db, spool, received(spool), TO_READ, never_same)
    event.remove(db._engine, "commit", lose_the_answer)
    assert len(files(spool)) == 1
