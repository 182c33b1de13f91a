"""A real PostgreSQL server.

Its programs refuse to run as root, so that root starts them under the account `postgres`; its
folder is therefore one that this account may enter.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from evaluation.servers.process import ServerProcess, free_port
from evaluation.servers.program import MissingProgramError, program

_ACCOUNT = "postgres"


def _program(name: str) -> Path:
    """Give a server program; newest version first, before whatever else bears its name."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: [int(part) for part in folder.parent.name.split(".") if part.isdigit()],
        reverse=True,
    )
    return program(name, "postgresql", first=tuple(versions))


def _account() -> str | None:
    """Give the account that runs the server; None where this process's own will do."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_ACCOUNT).pw_name
    except KeyError:
        pass
    message = f"PostgreSQL refuses root, and there is no account {_ACCOUNT}"
    raise MissingProgramError(message)


class PostgresServer:
    """A PostgreSQL server on a free port; it trusts everybody on 127.0.0.1.

    Parameters
    ----------
    folder
        An empty folder, owned by whoever runs the server.
    account
        Who that is; None for this process's own account.
    syncs
        Whether a commit outlives a power failure. Tests of our processes' end do not need it.
    """

    def __init__(self, folder: Path, account: str | None, *, syncs: bool = False) -> None:
        self.port = free_port()
        self._databases = 0
        data = folder / "data"
        subprocess.run(
            [
                *(_program("initdb"), "--pgdata", data, "--username", _ACCOUNT),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
        )
        self._process = ServerProcess(
            [
                *(_program("postgres"), "-D", data, "-p", str(self.port), "-h", "127.0.0.1"),
                *("-c", "unix_socket_directories=", "-c", f"fsync={'on' if syncs else 'off'}"),
                *("-c", "max_connections=200"),
            ],
            folder / "postgres.log",
            self.answers,
            stop_signal=signal.SIGINT,
            user=account,
        )

    @property
    def running(self) -> bool:
        """Whether the server's first process lives."""
        return self._process.running

    def answers(self) -> bool:
        """Tell whether the server takes a connection."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def new_database(self) -> str:
        """Make an empty database, and give its SQLAlchemy URL."""
        self._databases += 1
        name = f"firstread_{self._databases}"
        with self._connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )
        return f"postgresql+psycopg://{_ACCOUNT}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it on the same port as ever, databases and all; nothing happens where it runs."""
        self._process.start()

    def stop(self) -> None:
        """End it at once: sessions are cut off, connections are refused until `start`."""
        self._process.stop()

    def stop_immediately(self) -> None:
        """End it as `pg_ctl -m immediate` does: it recovers when it is started again."""
        if self._process.running:
            os.kill(self._process.pid, signal.SIGQUIT)
        self._process.stop()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=_ACCOUNT,
            dbname=_ACCOUNT,
            autocommit=True,
            connect_timeout=5,
        )


@contextmanager
def postgres(*, syncs: bool = False) -> Iterator[PostgresServer]:
    """Run a server in a temporary folder; `syncs` as in `PostgresServer`.

    Raises
    ------
    MissingProgramError
        If it is not installed, or there is no account that it could run under.
    """
    account = _account()
    _program("initdb")
    with tempfile.TemporaryDirectory(prefix="firstread-postgres-") as name:
        if account is not None:
            shutil.chown(name, account, account)
        server = PostgresServer(Path(name), account, syncs=syncs)
        server.start()
        try:
            yield server
        finally:
            server.stop()
