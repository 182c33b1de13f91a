"""X-ray rooms that send by dcmtk's storescu and dcmsend, and believe nothing but its output.

Some transfers are cut off: their client is killed. What dcmtk itself declines to send, since it is
broken, goes by FirstRead's own client, which sends the bytes of a file as they are.
"""

import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from core.errors import FirstReadError
from evaluation.chaos.answers import Answer, answers
from evaluation.chaos.films import impostor
from evaluation.chaos.ledger import Consignment, Ledger, Sort
from evaluation.servers.program import program
from gateway.scu import send_files

CALLING_AE: Final = "CHAOS"
_SECONDS: Final = 60.0
"""After which a client that hangs is ended."""
_CUT_OFF: Final = 0.05
"""Share of the transfers whose client is killed soon after its start."""
_PAUSE_SECONDS: Final = 0.2
_OPTIONS: Final = {
    "storescu": ("--no-halt", "--required"),
    "dcmsend": ("--no-halt", "--no-uid-checks"),
}
_PATIENCE: Final = ("--timeout", "5", "--acse-timeout", "10", "--dimse-timeout", "20")


class Senders:
    """Several rooms that send at once; a context manager that ends them.

    Parameters
    ----------
    count
        How many; storescu and dcmsend take turns.
    port
        Where the gateway listens on 127.0.0.1.
    ledger
        What is to be sent.
    seed
        Of their choices.
    """

    def __init__(self, count: int, port: int, ledger: Ledger, seed: int) -> None:
        self._port = port
        self._ledger = ledger
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number, seed), name=f"sender-{number}")
            for number in range(count)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int, seed: int) -> None:
        rng = np.random.default_rng([seed, 2, number])
        client = list(_OPTIONS)[number % len(_OPTIONS)]
        with tempfile.TemporaryDirectory(prefix="firstread-sender-") as name:
            while not self._stop.is_set():
                consignment = self._ledger.take(rng)
                if consignment is None:
                    self._stop.wait(_PAUSE_SECONDS)
                    continue
                told = self._send(client, consignment, Path(name), rng)
                self._ledger.note(consignment, told)
                if not told:
                    self._stop.wait(_PAUSE_SECONDS)

    def _send(
        self, client: str, consignment: Consignment, folder: Path, rng: np.random.Generator
    ) -> list[Answer]:
        if consignment.sort is Sort.BROKEN:
            return self._throw([film.path for film in consignment.films])
        if consignment.sort is not Sort.IMPOSTOR:
            patience = _SECONDS if rng.random() > _CUT_OFF else float(rng.uniform(0.01, 0.2))
            return self._ask(client, [film.path for film in consignment.films], patience)
        false = [impostor(film, folder, rng) for film in consignment.films]
        try:
            return self._ask(client, false)
        finally:
            for path in false:
                path.unlink()

    def _ask(self, client: str, files: Sequence[Path], patience: float = _SECONDS) -> list[Answer]:
        command = [str(program(client, "dcmtk")), "--debug", *_OPTIONS[client], *_PATIENCE]
        command += ["--aetitle", CALLING_AE, "--call", "FIRSTREAD", "127.0.0.1", str(self._port)]
        try:
            done = subprocess.run(
                [*command, *map(str, files)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=patience,
            )
        except subprocess.TimeoutExpired as error:
            return answers((error.output or b"").decode(errors="replace"))
        return answers(done.stdout.decode(errors="replace"))

    def _throw(self, files: Sequence[Path]) -> list[Answer]:
        try:
            sent = send_files(
                files,
                host="127.0.0.1",
                port=self._port,
                called_ae="FIRSTREAD",
                calling_ae=CALLING_AE,
                timeout=10.0,
            )
        except FirstReadError:
            return []
        return [Answer(one.sop_instance_uid, one.status) for one in sent]
