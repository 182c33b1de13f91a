"""The services of an installation as processes of their own, for tests that kill them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from core.port_file import read_port
from core.settings import Settings
from tests.gateway.edge import prepare_database
from tests.waiting import wait_until


class Service:
    """`firstread gateway` or `firstread deliver`; a context manager that ends it.

    Parameters
    ----------
    name
        The subcommand.
    settings
        Settings of the installation, whose database is made where there is none.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        prepare_database(settings)
        self._name = name
        self._settings = settings
        self._log = settings.data / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.end(signal.SIGKILL)

    @property
    def port(self) -> int:
        """Where the gateway listens; waits until it does."""
        wait_until(lambda: self._listening() is not None, 60.0, "the gateway to listen")
        port = self._listening()
        assert port is not None
        return port

    def start(self) -> None:
        """Start it."""
        (self._settings.data / "gateway.port").unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "firstread", self._name],
                env={**os.environ, **_environment(self._settings)},
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def end(self, number: signal.Signals) -> int:
        """End it by a signal, and give its exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(60.0)

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text(errors="replace")

    def _listening(self) -> int | None:
        assert self._process is not None
        assert self._process.poll() is None, self.log[-2000:]
        return read_port(self._settings.data)


def _environment(settings: Settings) -> dict[str, str]:
    gateway, delivery = settings.gateway, settings.delivery
    values = {
        "DATA": settings.data,
        "SPOOL__RESERVE_BYTES": settings.spool.reserve_bytes,
        "GATEWAY__HOST": gateway.host,
        "GATEWAY__PORT": gateway.port,
        "GATEWAY__ALLOW_UNKNOWN_PEERS": "true",
        "DELIVERY__FIRST_RETRY_SECONDS": delivery.first_retry_seconds,
        "DELIVERY__LONGEST_RETRY_SECONDS": delivery.longest_retry_seconds,
        "DELIVERY__NETWORK_TIMEOUT": delivery.network_timeout,
        "DELIVERY__POLL_SECONDS": delivery.poll_seconds,
        "COMMITMENT__GATHER_SECONDS": settings.commitment.gather_seconds,
        "COMMITMENT__LINGER_SECONDS": settings.commitment.linger_seconds,
        "HL7__ACKNOWLEDGEMENT_SECONDS": settings.hl7.acknowledgement_seconds,
    }
    return {f"FIRSTREAD_{key}": str(value) for key, value in values.items()}
