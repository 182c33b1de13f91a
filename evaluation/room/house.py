"""An installation of the reading room with the cast in it, and its pages served by a process."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core import leash
from core.accounts import AccountRole, SignInWay
from core.errors import FirstReadError
from core.port_file import Port, read_port
from core.settings import Settings, load_settings
from db.accounts import account_named, add_account
from db.engine import Database
from db.models import Account
from db.sign_ins import begin_sign_in, end_all_sign_ins
from db.spool import Spool
from db.upgrade import upgrade
from evaluation.servers.waiting import wait_for

_SETTINGS: Final = """\
data = {data}

[site]
institution = "FirstRead's reading room"

[gateway]
host = "127.0.0.1"
port = 0
study_idle_seconds = 0.0

[web]
port = {port}

[spool]
folder = {spool}
reserve_bytes = 100000000
maximum_used_percent = 100.0
{more}
"""
_START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class RoomHouse:
    """An installation that pages are looked at in.

    Parameters
    ----------
    settings_file, settings
        What it runs with, as a file and as they were read from it.
    """

    settings_file: Path
    settings: Settings

    @property
    def log(self) -> Path:
        """What its processes write to their standard streams."""
        return self.settings_file.parent / "firstread.log"

    def database(self) -> Database:
        """Open its database."""
        return Database(self.settings.database_url)

    def spool(self) -> Spool:
        """Open its file store."""
        spool = Spool.of(self.settings)
        spool.prepare()
        return spool

    def sign_in(self, name: str, *roles: AccountRole, person: str = "") -> str:
        """Give the token of a new session of a person, who is entered where nobody is so called."""
        db = self.database()
        try:
            with db.write() as session:
                account = session.query(Account).filter_by(name=name).one_or_none()
                if account is None:
                    account = add_account(
                        session, name, person=person or name.capitalize(), roles=roles
                    )
                return begin_sign_in(session, account, SignInWay.PASSWORD)
        finally:
            db.close()

    def sign_out(self, name: str) -> None:
        """End every session of a person."""
        db = self.database()
        try:
            with db.write() as session:
                end_all_sign_ins(session, account_named(session, name).id)
        finally:
            db.close()


def make_house(
    folder: Path, *, port: int = 0, spool: Path | None = None, more: str = ""
) -> RoomHouse:
    """Make an empty installation in a folder.

    Parameters
    ----------
    folder
        A new one for everything that it keeps.
    port
        Of its pages; 0 takes a free one.
    spool
        Where its files are; None is in the folder.
    more
        Further sections of its settings, as TOML.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "firstread.toml"
    values = {
        "data": json.dumps(str(folder / "data")),
        "spool": json.dumps(str(spool or folder / "spool")),
        "port": port,
        "more": more,
    }
    file.write_text(_SETTINGS.format(**values), encoding="utf-8")
    settings = load_settings(file)
    settings.data.mkdir(exist_ok=True)
    upgrade(settings.database_url)
    return RoomHouse(file, settings)


class Services:
    """Processes of an installation: `web` always, others where they are wanted.

    Parameters
    ----------
    house
        Of which installation.
    names
        Commands of `firstread`, each a process.
    """

    def __init__(self, house: RoomHouse, names: Sequence[str]) -> None:
        self.house = house
        self._names = names
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        """Of its pages."""
        return f"http://127.0.0.1:{read_port(self.house.settings.data, Port.WEB)}"

    def begin(self, name: str) -> None:
        """Start one process, and wait until pages are served where it is `web`.

        Raises
        ------
        FirstReadError
            If it does not come to listen.
        """
        program = (sys.executable, "-P", "-m", "firstread")
        command = [*program, "--settings", str(self.house.settings_file), name]
        leashed = [sys.executable, "-I", str(Path(leash.__file__)), str(os.getpid()), *command]
        with self.house.log.open("ab") as output:
            self._processes[name] = subprocess.Popen(leashed, stdout=output, stderr=output)
        if name == "web":
            wait_for(self._serves, _START_SECONDS, f"pages; the log is {self.house.log}")

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End one process and wait for it."""
        process = self._processes.pop(name)
        process.send_signal(number)
        process.wait()

    def begin_all(self) -> None:
        """Start every process."""
        for name in self._names:
            self.begin(name)

    def end_all(self) -> None:
        """End every process."""
        for name in list(self._processes):
            self.end(name)

    def _serves(self) -> bool:
        process = self._processes["web"]
        if process.poll() is not None:
            message = f"the pages ended at once; the log is {self.house.log}"
            raise FirstReadError(message)
        # The file may still name the port of one that was killed.
        port = read_port(self.house.settings.data, Port.WEB)
        if port is None:
            return False
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(house: RoomHouse, *others: str) -> Iterator[Services]:
    """Serve an installation's pages until the context ends.

    Parameters
    ----------
    house
        The installation.
    *others
        Further services that run beside: `deliver`, `worker`, `gateway`.
    """
    services = Services(house, ("web", *others))
    try:
        services.begin_all()
        yield services
    finally:
        services.end_all()
