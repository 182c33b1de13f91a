"""dcmtk's storescp as a peer: each object that arrives is a file of its own, bytes as they came."""

import subprocess
from functools import partial
from pathlib import Path
from typing import Final

from evaluation.servers.process import ServerProcess, free_port
from evaluation.servers.program import program

AE_TITLE: Final = "STORESCP"


class StoringPeer:
    """A storescp that keeps every arrival, the same UID again among them.

    Parameters
    ----------
    folder
        An empty folder for what it stores and for its log.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder / "stored"
        self.folder.mkdir()
        self.server = ServerProcess(
            [
                *(program("storescp", "dcmtk"), "--unique-filenames", "--bit-preserving"),
                *("--output-directory", self.folder, str(self.port)),
            ],
            folder / "storescp.log",
            partial(_answers, self.port),
        )

    def arrived(self) -> list[Path]:
        """List the files of all arrivals; one that was cut off may be among them."""
        return sorted(self.folder.iterdir())


def _answers(port: int) -> bool:
    command = [str(program("echoscu", "dcmtk")), "--call", AE_TITLE, "127.0.0.1", str(port)]
    return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0
