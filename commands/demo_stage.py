"""Where the demo plays: a folder of its own, and a FirstRead that runs in it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from core import leash
from core.errors import FirstReadError, SettingsError
from core.settings import Settings, load_settings
from db.engine import Database
from db.peers import PeerEntry, save_peer
from db.upgrade import upgrade
from gateway.port_file import read_port

CALLING_AE = "XRAY_ROOM"
ARCHIVE_AE = "DEMO_PACS"
PATIENCE_SECONDS = 240.0
LOOK_SECONDS = 0.1
_MARKER = ".firstread-demo"
_PARTS = ("films", "pacs", "data")
_SETTINGS = """\
data = {data}

[gateway]
host = "127.0.0.1"
port = 0
allowed_ae_titles = ["{calling}"]
study_idle_seconds = 0.5

[spool]
reserve_bytes = 100000000
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo's folder.

    Parameters
    ----------
    folder
        Everything: `films/`, `pacs/`, `data/`, the settings and the log.
    settings
        What its FirstRead runs with.
    """

    folder: Path
    settings: Settings

    @property
    def settings_file(self) -> Path:
        """The settings as a file, for other commands."""
        return self.folder / "firstread.toml"

    @property
    def films(self) -> Path:
        """The objects as they are sent."""
        return self.folder / "films"

    @property
    def archive(self) -> Path:
        """What the archive that plays the PACS keeps."""
        return self.folder / "pacs"


def set_stage(keep: Path | None) -> Stage:
    """Make the folder, and an empty installation in it.

    Parameters
    ----------
    keep
        The folder: a new or empty one, or an earlier demo's, which is cleared. None makes a
        temporary one.

    Raises
    ------
    SettingsError
        If the folder holds anything else: it is somebody's, and nothing in it is touched.
    """
    # The environment wins over a settings file: a hospital's own settings there would make the
    # demo play with the hospital's database.
    for name in [name for name in os.environ if name.startswith("FIRSTREAD_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="firstread-demo-")) if keep is None else keep.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / _MARKER).exists():
        message = f"{folder} is not empty, and no earlier demo made it: name another folder"
        raise SettingsError(message)
    (folder / _MARKER).touch()
    for part in _PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
    file = folder / "firstread.toml"
    # TOML's basic strings are written as JSON's.
    data = json.dumps(str(folder / "data"))
    file.write_text(_SETTINGS.format(data=data, calling=CALLING_AE), encoding="utf-8")
    settings = load_settings(file)
    settings.data.mkdir(parents=True)
    upgrade(settings.database_url)
    return Stage(folder, settings)


def know_archive(settings: Settings, port: int) -> None:
    """Make the archive the one peer that takes results."""
    db = Database(settings.database_url)
    with db.write() as session:
        save_peer(
            session,
            PeerEntry(
                name="demo-pacs",
                ae_title=ARCHIVE_AE,
                host="127.0.0.1",
                port=port,
                takes_results=True,
                accepts_demo=True,
            ),
        )
    db.close()


@contextmanager
def running_first_read(stage: Stage) -> Iterator[int]:
    """Run `firstread up` in its own process, which ends with this one, however this one ends.

    Yields
    ------
    int
        The listener's port.

    Raises
    ------
    FirstReadError
        If it does not come to listen.
    """
    program = (sys.executable, "-P", "-m", "firstread")
    command = [*program, "--settings", str(stage.settings_file), "up"]
    leashed = [sys.executable, "-I", str(Path(leash.__file__)), str(os.getpid()), *command]
    log = stage.folder / "firstread.log"
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        with (
            log.open("wb") as output,
            subprocess.Popen(leashed, stderr=output, stdout=output) as process,
        ):
            try:
                yield _port(stage.settings, process, log)
            finally:
                process.terminate()
    finally:
        signal.signal(signal.SIGTERM, before)


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
