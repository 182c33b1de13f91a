"""`firstread demo`, the whole loop as a new user sees it.

Covered: every object ends as asked with its results in the archive, what is said as JSON, that
nothing of it still runs afterwards, that every object it made holds before the validators, and
that it touches nobody's folder and nobody's database.
"""

import json
from pathlib import Path

import pytest

from commands.demo_stage import set_stage
from tests.commands.shell import firstread
from tests.peers.validators import complaints


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
        assert complaints(file) == []
    log = (tmp_path / "firstread.log").read_text()
    assert "Phantom^" not in log
    assert _still_running(tmp_path) == []


def test_somebodys_folder_is_left_alone(tmp_path: Path) -> None:
    thesis = tmp_path / "data" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    run = firstread("demo", "--keep", str(tmp_path))
    assert run.returncode == 3
    assert "not empty" in run.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [thesis]


def test_a_hospitals_settings_in_the_environment_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTREAD_DATABASE__URL", f"sqlite:///{tmp_path / 'hospital.db'}")
    monkeypatch.setenv("FIRSTREAD_DATA", str(tmp_path / "hospital"))
    stage = set_stage(tmp_path / 'demo "quoted"')
    assert stage.settings.database_url == f"sqlite:///{stage.folder / 'data' / 'firstread.db'}"
    assert [path.name for path in tmp_path.iterdir()] == [stage.folder.name]


def test_an_earlier_demos_folder_is_used_again(tmp_path: Path) -> None:
    old = set_stage(tmp_path).settings.data / "old"
    old.touch()
    assert set_stage(tmp_path).settings.data.is_dir()
    assert not old.exists()


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
