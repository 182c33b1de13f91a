"""dcmtk's storescp: stores whatever it is sent, each object as a file."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evaluation.servers.process import ServerProcess, free_port
from evaluation.servers.program import program


@dataclass(frozen=True, slots=True)
class Storescp:
    """A running storescp.

    Parameters
    ----------
    ae_title
        Its title.
    port
        Where it listens.
    folder
        Where it stores.
    """

    ae_title: str
    port: int
    folder: Path


@contextmanager
def storescp(folder: Path) -> Iterator[Storescp]:
    """Run a storescp that stores below a folder."""
    store = folder / "stored"
    store.mkdir(parents=True)
    port = free_port()
    server = ServerProcess(
        [program("storescp", "dcmtk"), "--output-directory", store, str(port)],
        folder / "storescp.log",
        partial(_answers, port),
    )
    server.start()
    try:
        yield Storescp("STORESCP", port, store)
    finally:
        server.stop()


def _answers(port: int) -> bool:
    command = [str(program("echoscu", "dcmtk")), "--call", "STORESCP", "127.0.0.1", str(port)]
    return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0
