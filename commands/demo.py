"""The whole loop on one machine, with a small archive that plays the PACS.

Everything is real: `firstread up` runs in processes of its own, the objects travel over real
associations, and what is shown at the end is what the database and the archive hold.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from commands.demo_cast import Actor, write_cast
from commands.demo_report import Row, report_row, show
from commands.demo_stage import (
    ARCHIVE_AE,
    CALLING_AE,
    Stage,
    invite,
    know_archive,
    set_stage,
)
from commands.output import console
from core.stopping import stop_signal
from db.engine import Database
from evaluation.running import LOOK_SECONDS, PATIENCE_SECONDS, running_first_read
from gateway.archive import Archive
from gateway.scu import SendResult, send_files


def demo(keep: Path | None, *, stay: bool, as_json: bool) -> bool:
    """Send eight phantom objects through a FirstRead of its own and show what came of each.

    Parameters
    ----------
    keep
        Folder for everything; None makes a temporary one, which stays for a look.
    stay
        Go on until interrupted, so that the worklist can be looked at.
    as_json
        Print one JSON object instead of tables.

    Returns
    -------
    bool
        Whether every object ended in the state that its truth asks for, and every result of
        every film that was read is in the archive.

    Raises
    ------
    SettingsError
        If the folder is somebody else's.
    FirstReadError
        If FirstRead did not start.
    """
    stage = set_stage(keep)
    cast = write_cast(stage.films)
    with Archive(stage.archive, ARCHIVE_AE) as archive:
        know_archive(stage.settings, archive.port)
        with running_first_read(stage.settings_file, stage.settings, stage.log) as port:
            with _progress() as progress:
                sent = _send(cast, port, progress)
                rows = _wait(stage, cast, sent, progress)
            worklist = invite(stage.settings)
            if stay:
                show(rows, stage, worklist, as_json=as_json, stays=True)
                with stop_signal() as stop:
                    stop.wait()
    if not stay:
        show(rows, stage, worklist, as_json=as_json)
    return all(row.as_asked for row in rows)


def _send(cast: Sequence[Actor], port: int, progress: Progress) -> dict[str, SendResult]:
    task = progress.add_task("sending eight objects", total=len(cast))
    sent: dict[str, SendResult] = {}
    for actor in cast:
        (sent[actor.name],) = send_files(
            [actor.path],
            host="127.0.0.1",
            port=port,
            called_ae="FIRSTREAD",
            calling_ae=CALLING_AE,
            timeout=30.0,
        )
        progress.advance(task)
    return sent


def _wait(
    stage: Stage, cast: Sequence[Actor], sent: dict[str, SendResult], progress: Progress
) -> list[Row]:
    """Look until nothing more will happen, or patience is at its end; gives the last look."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    task = progress.add_task("reading, and results into the PACS", total=len(cast))
    while True:
        rows = _look(stage, cast, sent)
        progress.update(task, completed=sum(row.at_rest for row in rows))
        if all(row.at_rest for row in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(LOOK_SECONDS)


def _look(stage: Stage, cast: Sequence[Actor], sent: dict[str, SendResult]) -> list[Row]:
    db = Database(stage.settings.database_url)
    try:
        with db.read() as session:
            return [
                report_row(session, actor, sent[actor.name].status, stage.archive) for actor in cast
            ]
    finally:
        db.close()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=console(),
    )
