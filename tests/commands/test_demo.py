"""`firstread demo`, the whole loop as a new user sees it.

Covered: every object ends as asked with its results in the archive, what is said as JSON, the
worklist that its link opens, that nothing of it still runs afterwards, that every object it made
holds before the validators, and that it touches nobody's folder and nobody's database.
"""

import contextlib
import json
import signal
from pathlib import Path

import httpx2
import pytest

from commands.demo_stage import set_stage
from tests.commands.shell import begin, firstread
from tests.peers.validators import complaints
from tests.waiting import wait_until


def test_the_demo_does_what_it_says(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with (
        said.open("w") as output,
        begin("demo", "--keep", str(tmp_path / "demo"), "--stay", "--json", output=output) as demo,
    ):
        wait_until(lambda: "worklist" in said.read_text() or demo.poll() is not None, 170.0)
        wait_until(lambda: _whole(said.read_text()) or demo.poll() is not None)
        told = json.loads(said.read_text())
        assert _worklist(told["worklist"]).count("Draft ready") >= 5
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
    rows = told["objects"]
    assert [row["ended"] for row in rows] == [*["read"] * 5, "not_read", "same", "quarantined"]
    assert all(row["as_asked"] for row in rows)
    assert [len(row["files"]) for row in rows] == [3, 3, 3, 3, 3, 0, 0, 0]
    assert all(row["seconds"] > 0 for row in rows[:5])
    files = sorted((tmp_path / "demo" / "pacs").iterdir())
    assert len(files) == 15
    for file in files:
        assert complaints(file) == []
    log = (tmp_path / "demo" / "firstread.log").read_text()
    assert "Phantom^" not in log
    assert _still_running(tmp_path) == []


def _whole(text: str) -> bool:
    with contextlib.suppress(json.JSONDecodeError):
        json.loads(text)
        return True
    return False


def _worklist(link: str) -> str:
    """Sign in by the link as a browser does, and give the worklist's page."""
    address, token = link.split("/sign-in/link?token=")
    with httpx2.Client(base_url=address, headers={"sec-fetch-site": "same-origin"}) as browser:
        answer = browser.post("/sign-in/link", data={"token": token, "next": "/"})
        assert answer.status_code == 303, answer.text
        # A client of this kind sends secure cookies over TLS only; browsers do to this machine.
        cookie = answer.headers["set-cookie"].split(";")[0]
        page = browser.get("/worklist", headers={"cookie": cookie})
        assert page.status_code == 200
        return page.text


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
