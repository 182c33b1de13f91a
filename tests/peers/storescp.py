"""dcmtk's storescp: stores whatever it is sent, each object as a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.dcmtk import echoscu
from tests.peers.processes import ServerProcess, free_port
from tests.peers.programs import program


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
        lambda: echoscu(port, called="STORESCP").code == 0,
    )
    server.start()
    try:
        yield Storescp("STORESCP", port, store)
    finally:
        server.stop()
