"""Versions of the policy: which is in force, who made it so, and what an absence changes.

The documents themselves are tested in `tests/core/test_policy.py`.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from core.errors import DatabaseAwayError, SettingsError
from core.policy_toml import built_in
from db.engine import Database
from db.models import AuditAction, AuditEvent, PolicyRow
from db.policies import (
    PolicyBook,
    import_policy,
    policy_in_force,
    policy_of_version,
    policy_versions,
)

ANY_AGE = built_in().policy.of_any_age()


def put(db: Database, *, note: str = "") -> int:
    """Put a policy in force."""
    with db.write() as session:
        return import_policy(session, ANY_AGE, actor="anna", note=note)


def test_the_built_in_policy_is_in_force_where_there_is_no_other(db: Database) -> None:
    with db.read() as session:
        assert policy_in_force(session) == built_in()
        assert policy_of_version(session, 0) == built_in()
        assert policy_versions(session) == []


def test_the_newest_version_is_in_force_and_the_older_ones_stay(db: Database) -> None:
    assert put(db, note="old films") == 1
    with db.write() as session:
        assert import_policy(session, built_in().policy) == 2
    with db.read() as session:
        in_force = policy_in_force(session)
        assert (in_force.version, in_force.policy) == (2, built_in().policy)
        assert policy_of_version(session, 1).policy == ANY_AGE
        rows = policy_versions(session)
        assert [(row.version, row.actor, row.note) for row in rows] == [
            (2, "administrator", ""),
            (1, "anna", "old films"),
        ]
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).first()
        assert event is not None
        assert (event.action, event.actor) == (AuditAction.POLICY_IMPORTED, "anna")
        assert event.details == {"version": 1, "note": "old films"}


def test_a_version_that_is_not_there_is_said(db: Database) -> None:
    with db.read() as session, pytest.raises(SettingsError, match="no version 7"):
        policy_of_version(session, 7)


def test_two_at_the_same_moment_do_not_become_one_version(db: Database) -> None:
    together = Barrier(2)

    def try_it(_number: int) -> int | None:
        together.wait(10.0)
        try:
            return put(db)
        except SettingsError as error:
            assert "same moment" in str(error)  # noqa: PT017 - the other one may as well succeed
            return None

    with ThreadPoolExecutor(2) as pool:
        made = [version for version in pool.map(try_it, range(2)) if version is not None]
    with db.read() as session:
        assert sorted(made, reverse=True) == [row.version for row in policy_versions(session)]
    assert made


def _spoil(db: Database) -> None:
    """Make the policy in force one that this version cannot understand."""
    with db.write() as session:
        session.add(PolicyRow(version=9, document={"format": 2, "rules": "all"}, actor="later"))


def test_a_document_of_a_later_version_is_never_guessed_at(db: Database) -> None:
    _spoil(db)
    with db.read() as session, pytest.raises(SettingsError, match=r"version 9 .* understood"):
        policy_in_force(session)
    with pytest.raises(DatabaseAwayError, match="understood"):
        PolicyBook(db).current()


def test_the_book_keeps_what_it_knew_while_there_is_nothing_better(db: Database) -> None:
    book = PolicyBook(db, keep_seconds=0.0)
    assert book.current().version == 0
    put(db)
    assert book.current().version == 1
    _spoil(db)
    assert book.current().version == 1


def test_a_database_that_is_away_changes_no_decision(migrated_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_file, folder / "firstread.db")
    db = Database(f"sqlite:///{folder / 'firstread.db'}")
    put(db)
    book = PolicyBook(db, keep_seconds=0.0)
    assert book.current().version == 1
    db.close()
    folder.rename(tmp_path / "away")
    with pytest.raises(DatabaseAwayError):
        PolicyBook(db).current()
    assert book.current().version == 1
    (tmp_path / "away").rename(folder)
    put(db)
    assert book.current().version == 2
    db.close()


def test_the_book_looks_no_more_often_than_it_must(db: Database) -> None:
    book = PolicyBook(db, keep_seconds=3600.0)
    assert book.current().version == 0
    put(db)
    assert book.current().version == 0


def test_a_book_that_never_saw_a_policy_invents_none() -> None:
    book = PolicyBook(Database("sqlite:////nowhere/at/all.db"))
    with pytest.raises(DatabaseAwayError):
        book.current()


def test_threads_share_a_book(db: Database) -> None:
    put(db)
    book = PolicyBook(db, keep_seconds=0.0)
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda _number: book.current().version, range(64)))
    assert set(versions) == {1}
