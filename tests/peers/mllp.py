"""A reporting system that takes messages over MLLP, as a process of its own that may be killed."""

import json
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import hl7

from evaluation.servers.process import ServerProcess, free_port
from tests.peers.authority import key_of
from tests.peers.mllp_answers import write_answers

_ROOT = Path(__file__).parents[2]
_STARTING = 30.0


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came.

    Parameters
    ----------
    control_id
        MSH-10.
    data
        The whole of it.
    answered
        How the script had it answered.
    """

    control_id: str
    data: str
    answered: str

    @property
    def parsed(self) -> hl7.Message:
        """The message as the `hl7` library reads it."""
        return hl7.parse(self.data)


class MllpPeer:
    """A listener on a port of 127.0.0.1 that stays; a context manager.

    Parameters
    ----------
    folder
        Where its journal and its script are kept.
    certificate
        With it the peer speaks TLS; its key lies beside it.
    client_ca
        Authority of the certificates that it asks its callers for.
    """

    def __init__(
        self, folder: Path, *, certificate: Path | None = None, client_ca: Path | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._journal = folder / "journal.jsonl"
        self._journal.touch()
        self._script = folder / "answers"
        self.answers()
        options: list[str | Path] = []
        if certificate is not None:
            options += ["--certificate", certificate, "--key", key_of(certificate)]
        if client_ca is not None:
            options += ["--client-ca", client_ca]
        self.process = ServerProcess(
            [
                *(sys.executable, "-m", "tests.peers.mllp_server"),
                *(str(self.port), self._journal, self._script, *options),
            ],
            folder / "mllp.log",
            self._listens,
            environment={"PYTHONPATH": str(_ROOT)},
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.stop()

    def start(self) -> None:
        """Start it where it does not run."""
        self.process.start(_STARTING)

    def answers(self, *script: str) -> None:
        """Say how the next messages are answered; the words stand in `mllp_server`."""
        write_answers(self._script, list(script))

    @property
    def received(self) -> list[Received]:
        """All messages that ever came, in their order."""
        whole, _, _begun = self._journal.read_text("utf-8").rpartition("\n")
        return [Received(**json.loads(line)) for line in whole.splitlines()]

    @property
    def control_ids(self) -> list[str]:
        """MSH-10 of all that came, in their order."""
        return [one.control_id for one in self.received]

    def _listens(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 1.0):
            return True
