"""Databases for the tests of `db`: each test runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db.engine import Database
from db.models import Base
from db.spool import Spool
from db.upgrade import upgrade
from tests.peers.postgres import PostgresServer


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    """URL of a PostgreSQL database of the newest revision; other tests leave rows in it."""
    url = postgres_server.new_database()
    upgrade(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two databases a test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def on_postgres(migrated_postgres: str) -> Iterator[Database]:
    """The PostgreSQL database, connected to once: an engine keeps the statements it compiled."""
    database = Database(migrated_postgres)
    yield database
    database.close()


@pytest.fixture(scope="session")
def empty_postgres(on_postgres: Database, migrated_postgres: str) -> Callable[[], str]:
    """Empties the PostgreSQL database and gives its URL."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)

    def empty() -> str:
        with on_postgres.write() as session:
            # The audit's triggers refuse it; only a superuser can pass them by.
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
            session.execute(text("INSERT INTO audit_head (id, last_id, hash) VALUES (1, 0, '')"))
        return migrated_postgres

    return empty


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of the newest revision."""
    if backend == "sqlite":
        path = tmp_path / "firstread.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    empty: Callable[[], str] = request.getfixturevalue("empty_postgres")
    return empty()


@pytest.fixture
def db(backend: str, database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database."""
    database: Database
    if backend == "postgresql":
        database = request.getfixturevalue("on_postgres")
    else:
        database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """An empty spool without a reserve."""
    return Spool(tmp_path / "spool", 0)
