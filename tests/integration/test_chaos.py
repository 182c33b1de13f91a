"""The chaos tool in its short form: a few seconds of kills and failures, then the books.

Both forms run as a user would run them, with dcmtk, Orthanc, storescp, PostgreSQL and Redis. Not
covered: that the books find what is planted in them (`tests/evaluation/test_chaos_account.py`), and
a run of minutes, which is the tool's own use (docs/operations.md).
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.peers.programs import program

_ROOT = Path(__file__).parents[2]
_PROMISES = ("lost", "two_drafts", "duplicate_objects", "stuck", "altered", "without_result")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["embedded", "hospital"])
def test_nothing_is_lost_and_nothing_is_double(form: str, tmp_path: Path) -> None:
    for name, package in (("Orthanc", "orthanc"), ("storescu", "dcmtk")):
        program(name, package)
    of_form = ["--embedded"] if form == "embedded" else ["--each", "1"]
    done = _chaos("--minutes", "0.1", *of_form, at=tmp_path)
    figures = _last_line(done)
    assert {name: figures[name] for name in _PROMISES} == dict.fromkeys(_PROMISES, 0)
    assert figures["form"] == form
    assert figures["acknowledged"] >= 6
    kinds = {"gateway", "deliver", "worker", "reading"}
    assert set(figures["kills"]) == kinds | ({"supervisor"} if form == "embedded" else set())
    assert min(figures["kills"].values()) >= 1
    assert figures["restarts"] or figures["frozen"] or figures["filled"]
    assert figures["seconds_to_quiet"] is not None
    assert done.returncode == 0


def test_a_folder_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    done = _chaos(at=tmp_path)
    assert done.returncode == 2
    assert "not empty" in done.stderr


def _chaos(*options: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "evaluation.chaos", "--json", "--keep", str(at), *options],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        timeout=170,
    )


def _last_line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stderr
    figures: dict[str, Any] = json.loads(lines[0])
    return figures
