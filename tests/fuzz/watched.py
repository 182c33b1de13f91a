"""Runs the runner in a process of its own and looks over its shoulder."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.states import FilmState
from gateway.statuses import StoreStatus

_ROOT = Path(__file__).parents[2]
_HANG_SECONDS = 5.0
_START_SECONDS = 90.0
_MOST_KIB = 1 << 20
_KEPT = {FilmState.READ, FilmState.NOT_READ, FilmState.RECEIVED, FilmState.QUARANTINED}
_REFUSALS = {
    StoreStatus.NOT_UNDERSTOOD,
    StoreStatus.BAD_IDENTIFIER,
    StoreStatus.CLASS_NOT_SUPPORTED,
    StoreStatus.CLASS_MISMATCH,
    StoreStatus.INSTANCE_MISMATCH,
}


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Give a process's lines; kill it and fail where it is silent for too long."""
    found: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            found.put(line)
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    patience, last = _START_SECONDS, "the start"
    while True:
        try:
            line = found.get(timeout=patience)
        except queue.Empty:
            process.kill()
            pytest.fail(f"nothing within {patience} s after {last}")
        if line is None:
            return
        yield line
        # A busy machine may take its time; the file's own seconds are measured by the runner.
        patience, last = 6 * _HANG_SECONDS, line


def run(folder: Path, *arguments: int | str) -> list[dict[str, Any]]:
    """Run the runner in a folder of its own.

    Parameters
    ----------
    folder
        A new folder.
    *arguments
        What to run: the first number and the count, or `bombs`.

    Returns
    -------
    list of dict
        A `tests.fuzz.runner.Fate` for each file, and the peak of memory.
    """
    home, data = folder / "home", folder / "data"
    home.mkdir(parents=True)
    environment = os.environ | {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "tests.fuzz.runner", str(data), *map(str, arguments)]
    errors = folder / "errors.log"
    with (
        errors.open("w") as log,
        subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        lines = list(_lines(process))
    (folder / "fates.jsonl").write_text("".join(lines))
    assert process.returncode == 0, errors.read_text()[-3000:]
    return [json.loads(line) for line in lines]


def check(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Hold what must be true of every run.

    No file took too long, nor the process too much memory; each ended in a named state with a
    reason where it was not read; nothing lies outside the data folder.
    """
    fates, peak = rows[:-1], rows[-1]["peak_kib"]
    assert peak < _MOST_KIB, peak
    # By the clock three times as long is allowed: the machine may have other things to do.
    slow = [
        fate
        for fate in fates
        if fate["busy_seconds"] > _HANG_SECONDS or fate["seconds"] > 3 * _HANG_SECONDS
    ]
    assert slow == [], slow
    for fate in fates:
        if fate["state"] == "refused":
            assert fate["status"] in _REFUSALS, fate
            assert fate["reason"], fate
        else:
            assert fate["state"] in _KEPT, fate
        if fate["state"] in {FilmState.NOT_READ, FilmState.QUARANTINED}:
            assert fate["reason"], fate
            assert "unforeseen" not in fate["reason"], fate
    assert {path.name for path in folder.iterdir()} == {
        "home",
        "data",
        "errors.log",
        "fates.jsonl",
    }
    # The worker's pulse is the one temporary file.
    assert len(list((folder / "home").rglob("*"))) <= 1
    names = {
        path.name.removesuffix("-wal").removesuffix("-shm") for path in (folder / "data").iterdir()
    }
    assert names == {"fuzz.db", "spool"}
