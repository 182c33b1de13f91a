"""Sessions over SQLite or PostgreSQL, with one way to say that the database is away.

SQLite: WAL, `synchronous=FULL`, foreign keys on, a busy timeout, and SQLAlchemy's own BEGIN: a
transaction that will write begins IMMEDIATE, since one that reads first and writes later fails
with "locked" at once, whatever the timeout says (sqlite.org/lang_transaction.html, and "pysqlite"
in SQLAlchemy's manual on transactional DDL and savepoints).

PostgreSQL: waits for locks and for a dead network are bounded. A server process that is frozen
while the kernel under it still acknowledges is not told from a slow one.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from core.errors import DatabaseAwayError
from db.audit import seal

_BUSY_SECONDS = 20
_CONNECT_SECONDS = 5
_WAL_PAUSE_SECONDS = 0.02
_POSTGRES = {
    "connect_timeout": _CONNECT_SECONDS,
    # A network that swallows everything is found out within seconds, in both directions.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 1000 * _BUSY_SECONDS,
    # A process that is frozen in mid-transaction holds up the others no longer than a minute.
    "options": f"-c lock_timeout={_BUSY_SECONDS}s -c idle_in_transaction_session_timeout=60s",
}
_AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


class Database:
    """One database; safe to share between threads, not over a fork.

    Parameters
    ----------
    url
        `sqlite:///...` (a file) or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_database_engine(url)
        self._readers = sessionmaker(self._engine, expire_on_commit=False)
        self._writers = sessionmaker(
            self._engine.execution_options(immediate=True), expire_on_commit=False
        )
        event.listen(self._readers, "before_flush", _refuse_flush)
        event.listen(self._readers, "do_orm_execute", _refuse_change)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        RuntimeError
            If something is written in it.
        """
        with told_when_away(), self._readers() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session whose transaction is committed at the exit, and rolled back on errors.

        Its audit events are sealed as its last act.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer, or stays locked. Where it is raised by the commit,
            nobody knows whether the commit was done.
        """
        with told_when_away(), self._writers.begin() as session:
            yield session
            seal(session)

    def close(self) -> None:
        """Close all pooled connections."""
        self._engine.dispose()


def create_database_engine(url: str) -> Engine:
    """Build the engine behind a `Database`.

    Raises
    ------
    ValueError
        If the URL is neither SQLite's nor psycopg's.
    """
    parsed = make_url(url)
    # Parameters may be patient data, and error texts go into logs.
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": 5, "max_overflow": 60}
    if parsed.drivername == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, **common)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql+psycopg":
        return create_engine(url, connect_args=_POSTGRES, pool_pre_ping=True, **common)
    message = f"database must be sqlite or postgresql+psycopg, not {parsed.drivername}"
    raise ValueError(message)


@contextmanager
def told_when_away() -> Iterator[None]:
    """Turn the driver's many ways of being away into `DatabaseAwayError`."""
    try:
        yield
    except _AWAY as error:
        origin = getattr(error, "orig", None) or error
        message = f"the database does not answer: {origin}".strip()
        raise DatabaseAwayError(message) from error
    except exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
        message = "the connection to the database was lost"
        raise DatabaseAwayError(message) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's sqlite3 would else begin transactions by itself, and too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        _use_wal(cursor)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Put the database into WAL mode, as it is for good once anybody did.

    Two that do it to a new file at once: one is told "locked" without any waiting, whatever the
    timeout, since both hold what the other one wants.
    """
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if session.new or session.dirty or session.deleted:
        message = "a reading session was asked to write"
        raise RuntimeError(message)


def _refuse_change(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        message = "a reading session was asked to change rows"
        raise RuntimeError(message)
