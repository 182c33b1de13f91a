"""The whole loop on one machine, with a small archive that plays the PACS.

Everything is real: `firstread up` runs in processes of its own, the objects travel over real
associations, and what is shown at the end is what the database and the archive hold.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from commands.demo_cast import Actor, write_cast
from commands.demo_report import Row, report_row, show
from commands.output import console
from core.errors import FirstReadError
from core.settings import Settings, load_settings
from db.engine import Database
from db.models import Peer
from db.upgrade import upgrade
from gateway.archive import Archive
from gateway.scu import SendResult, send_files

_PATIENCE_SECONDS = 240.0
_LOOK_SECONDS = 0.1
_CALLING_AE = "XRAY_ROOM"
_ARCHIVE_AE = "DEMO_PACS"

_SETTINGS = """\
data = {data!r}

[gateway]
host = "127.0.0.1"
port = 0
allowed_ae_titles = ["{calling}"]
study_idle_seconds = 0.5

[spool]
reserve_bytes = 100000000
"""


@dataclass(frozen=True, slots=True)
class _Stage:
    folder: Path
    settings_file: Path
    settings: Settings


def demo(keep: Path | None, *, as_json: bool) -> bool:
    """Send eight phantom objects through a FirstRead of its own and show what came of each.

    Parameters
    ----------
    keep
        Folder for everything; None makes a temporary one, which stays for a look.
    as_json
        Print one JSON object instead of tables.

    Returns
    -------
    bool
        Whether every object ended in the state that its truth asks for, and every result of
        every film that was read is in the archive.

    Raises
    ------
    FirstReadError
        If FirstRead did not start, or did not come to rest in time.
    """
    stage = _set_stage(keep)
    cast = write_cast(stage.folder / "films")
    with Archive(stage.folder / "pacs", _ARCHIVE_AE) as archive:
        _know_archive(stage.settings, archive.port)
        with _first_read(stage) as port, _progress() as progress:
            sent = _send(cast, port, progress)
            rows = _wait(stage, cast, sent, progress)
    show(rows, stage.folder, stage.settings_file, as_json=as_json)
    return all(row.as_asked for row in rows)


def _set_stage(keep: Path | None) -> _Stage:
    folder = keep.absolute() if keep else Path(tempfile.mkdtemp(prefix="firstread-demo-"))
    for old in ("films", "pacs", "data"):
        shutil.rmtree(folder / old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "firstread.toml"
    text = _SETTINGS.format(data=str(folder / "data"), calling=_CALLING_AE)
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file)
    settings.data.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    return _Stage(folder, file, settings)


def _know_archive(settings: Settings, port: int) -> None:
    db = Database(settings.database_url)
    with db.write() as session:
        session.add(
            Peer(
                name="demo-pacs",
                ae_title=_ARCHIVE_AE,
                host="127.0.0.1",
                port=port,
                takes_results=True,
                accepts_demo=True,
            )
        )
    db.close()


@contextmanager
def _first_read(stage: _Stage) -> Iterator[int]:
    """Run `firstread up` in its own process; gives the listener's port."""
    program = (sys.executable, "-P", "-m", "firstread")
    command = [*program, "--settings", str(stage.settings_file), "up"]
    log = stage.folder / "firstread.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stderr=output, stdout=output) as process,
    ):
        try:
            yield _port(stage.settings, process, log)
        finally:
            process.terminate()


def _port(settings: Settings, process: "subprocess.Popen[bytes]", log: Path) -> int:
    file = settings.data / "gateway.port"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not file.is_file():
        if process.poll() is not None or time.monotonic() > deadline:
            message = f"FirstRead did not start; its log is {log}"
            raise FirstReadError(message)
        time.sleep(_LOOK_SECONDS)
    return int(file.read_text())


def _send(cast: list[Actor], port: int, progress: Progress) -> dict[str, SendResult]:
    task = progress.add_task("sending eight objects", total=len(cast))
    sent: dict[str, SendResult] = {}
    for actor in cast:
        (sent[actor.name],) = send_files(
            [actor.path],
            host="127.0.0.1",
            port=port,
            called_ae="FIRSTREAD",
            calling_ae=_CALLING_AE,
            timeout=30.0,
        )
        progress.advance(task)
    return sent


def _look(stage: _Stage, cast: list[Actor], sent: dict[str, SendResult]) -> list[Row]:
    db = Database(stage.settings.database_url)
    try:
        with db.read() as session:
            return [
                report_row(session, actor, sent[actor.name].status, stage.folder / "pacs")
                for actor in cast
            ]
    finally:
        db.close()


def _wait(
    stage: _Stage, cast: list[Actor], sent: dict[str, SendResult], progress: Progress
) -> list[Row]:
    """Look until nothing more will happen, or patience is at its end; gives the last look."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    task = progress.add_task("reading, and results into the PACS", total=len(cast))
    while True:
        rows = _look(stage, cast, sent)
        progress.update(task, completed=sum(row.at_rest for row in rows))
        if all(row.at_rest for row in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(_LOOK_SECONDS)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=console(),
    )
