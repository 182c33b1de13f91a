"""A FirstRead of its own, in its own processes, for as long as something is measured or shown."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from core import leash
from core.errors import FirstReadError
from core.port_file import read_port
from core.settings import Settings

PATIENCE_SECONDS: Final = 240.0
LOOK_SECONDS: Final = 0.1


@contextmanager
def running_first_read(settings_file: Path, settings: Settings, log: Path) -> Iterator[int]:
    """Run `firstread up` in its own process, which ends with this one, however this one ends.

    Parameters
    ----------
    settings_file, settings
        What it runs with, as a file and as they were read from it.
    log
        File for what it writes to its standard streams.

    Yields
    ------
    int
        The DICOM listener's port.

    Raises
    ------
    FirstReadError
        If it does not come to listen.
    """
    program = (sys.executable, "-P", "-m", "firstread")
    command = [*program, "--settings", str(settings_file), "up"]
    leashed = [sys.executable, "-I", str(Path(leash.__file__)), str(os.getpid()), *command]
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        with (
            log.open("wb") as output,
            subprocess.Popen(leashed, stderr=output, stdout=output) as process,
        ):
            try:
                yield _port(settings, process, log)
            finally:
                process.terminate()
    finally:
        signal.signal(signal.SIGTERM, before)


def forget_environment() -> None:
    """Take every setting out of the environment, which wins over a settings file.

    A hospital's own settings there would make a demonstration play with the hospital's database.
    """
    for name in [name for name in os.environ if name.startswith("FIRSTREAD_")]:
        del os.environ[name]


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _port(settings: Settings, process: "subprocess.Popen[bytes]", log: Path) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (port := read_port(settings.data)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            message = f"FirstRead did not start; its log is {log}"
            raise FirstReadError(message)
        time.sleep(LOOK_SECONDS)
    return port
