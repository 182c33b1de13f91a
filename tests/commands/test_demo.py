"""`firstread demo`, the whole loop as a new user sees it.

Covered: every object ends as asked with its results in the archive, what is said as JSON, and that
nothing of it is still running afterwards; every object that it made holds before the validators.
"""

import json
from pathlib import Path

from tests.commands.shell import firstread
from tests.peers.dcmtk import dcmpschk, dsrdump
from tests.peers.dicom3tools import dciodvfy


def test_the_demo_does_what_it_says(tmp_path: Path) -> None:
    run = firstread("demo", "--keep", str(tmp_path), "--json", timeout=170.0)
    assert run.returncode == 0, run.stdout + run.stderr
    rows = json.loads(run.stdout)["objects"]
    assert [row["ended"] for row in rows] == [*["read"] * 5, "not_read", "same", "quarantined"]
    assert all(row["as_asked"] for row in rows)
    assert [len(row["files"]) for row in rows] == [3, 3, 3, 3, 3, 0, 0, 0]
    assert all(row["seconds"] > 0 for row in rows[:5])
    files = sorted((tmp_path / "pacs").iterdir())
    assert len(files) == 15
    for file in files:
        assert dciodvfy(file) == []
        assert dsrdump(file).code == 0 or dcmpschk(file) == []
    log = (tmp_path / "firstread.log").read_text()
    assert "Phantom^" not in log
    assert _still_running(tmp_path) == []


def _still_running(folder: Path) -> list[str]:
    commands = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "pytest" not in command:
            commands.append(command)
    return commands
