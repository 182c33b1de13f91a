"""The receivers that intake is measured on: FirstRead's gateway, Orthanc and dcmtk's storescp.

Each starts anew in an empty folder, is asked how many objects it has at the end, and leaves
nothing behind.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import func, select

from core.port_file import read_port
from core.settings import load_settings
from db.engine import Database
from db.models import Instance
from db.upgrade import upgrade
from evaluation.servers.orthanc import Orthanc
from evaluation.servers.process import ServerProcess, free_port
from evaluation.servers.program import program

CALLING_AE: Final = "BENCH"
_SETTINGS: Final = """\
data = {data}

[database]
{database}

[spool]
reserve_bytes = 100000000

[gateway]
host = "127.0.0.1"
port = 0
allowed_ae_titles = ["{calling}"]
"""
_KILO: Final = 1000
_KIBI: Final = 1024


class PeerName(StrEnum):
    """Whom FirstRead is measured against."""

    ORTHANC = "orthanc"
    STORESCP = "storescp"


class Receiver(Protocol):
    """A running receiver."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def ae_title(self) -> str:
        """Its title."""

    def objects(self) -> int:
        """Count the objects that it has."""

    def peak_memory_mb(self) -> float:
        """Give the most memory that its process had resident so far, in millions of bytes."""


@dataclass(frozen=True, slots=True)
class OurGateway:
    """FirstRead's `gateway` service in its own process."""

    process: ServerProcess
    data: Path
    db: Database
    ae_title: str = "FIRSTREAD"

    @property
    def port(self) -> int:
        """Where it listens."""
        port = read_port(self.data)
        if port is None:
            message = "the gateway publishes no port"
            raise LookupError(message)
        return port

    def objects(self) -> int:
        """Count the instances in its database."""
        with self.db.read() as session:
            return session.scalars(select(func.count()).select_from(Instance)).one()

    def peak_memory_mb(self) -> float:
        """Give the most memory that the process had resident so far, in millions of bytes."""
        return peak_memory_mb(self.process.pid)


@dataclass(frozen=True, slots=True)
class OtherReceiver:
    """Somebody else's receiver."""

    process: ServerProcess
    ae_title: str
    port: int
    orthanc: Orthanc | None
    folder: Path

    def objects(self) -> int:
        """Count the objects that it says it has, or their files."""
        if self.orthanc is not None:
            return int(self.orthanc.get("/statistics")["CountInstances"])
        return sum(1 for _ in self.folder.iterdir())

    def peak_memory_mb(self) -> float:
        """Give the most memory that its first process had resident so far, in millions of bytes."""
        return peak_memory_mb(self.process.pid)


@contextmanager
def our_gateway(folder: Path, database_url: str | None = None) -> Iterator[OurGateway]:
    """Run `firstread gateway` in an empty folder.

    Parameters
    ----------
    folder
        An empty folder.
    database_url
        An empty database; SQLite in the folder where it is None.
    """
    data, file = folder / "data", folder / "firstread.toml"
    data.mkdir()
    database = "" if database_url is None else f"url = {json.dumps(database_url)}"
    file.write_text(
        _SETTINGS.format(data=json.dumps(str(data)), database=database, calling=CALLING_AE),
        encoding="utf-8",
    )
    settings = load_settings(file)
    upgrade(settings.database_url)
    process = ServerProcess(
        [sys.executable, "-P", "-m", "firstread", "--settings", file, "gateway"],
        folder / "gateway.log",
        lambda: read_port(data) is not None,
    )
    process.start()
    db = Database(settings.database_url)
    try:
        yield OurGateway(process, data, db)
    finally:
        db.close()
        process.stop()


def peer(name: PeerName, folder: Path) -> AbstractContextManager[Receiver]:
    """Run a peer, as its package leaves it, in an empty folder."""
    return _orthanc(folder) if name is PeerName.ORTHANC else _storescp(folder)


@contextmanager
def _orthanc(folder: Path) -> Iterator[Receiver]:
    server = Orthanc(folder)
    server.start()
    try:
        yield OtherReceiver(server.process, server.ae_title, server.dicom_port, server, folder)
    finally:
        server.stop()


@contextmanager
def _storescp(folder: Path) -> Iterator[Receiver]:
    """Run a storescp that takes several associations at once, each in a process of its own."""
    port, stored = free_port(), folder / "stored"
    stored.mkdir()
    process = ServerProcess(
        [program("storescp", "dcmtk"), "--fork", "--output-directory", stored, str(port)],
        folder / "storescp.log",
        lambda: _echoes(port),
    )
    process.start()
    try:
        yield OtherReceiver(process, "STORESCP", port, None, stored)
    finally:
        process.stop()


def _echoes(port: int) -> bool:
    command = [str(program("echoscu", "dcmtk")), "--call", "STORESCP", "127.0.0.1", str(port)]
    return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0


def peak_memory_mb(process: int) -> float:
    """Give the most memory that a process had resident so far (proc(5), VmHWM), in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) * _KIBI / _KILO**2, 1)
