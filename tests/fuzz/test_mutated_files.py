"""Ten thousand damaged files through receiving and reading: every one ends in a named state.

Covered: bit flips, cuts, insertions, wrong lengths and VRs, absurd sizes, deep sequences, odd
texts, other transfer syntaxes and character sets (`tests.fuzz.mutations`), of eleven kinds of
objects (`tests.fuzz.seeds`), through intake, decoding and the quality gate. Watched: crashes,
hangs, memory, files outside the data folder, and answers that promise what was not done. A short
run is part of `make test`, the whole of `make verify`. Not covered: the network below the data set
(tests/gateway/test_bad_clients.py) and the model, which only ever sees a picture.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.states import FilmState
from gateway.statuses import StoreStatus

_ROOT = Path(__file__).parents[2]
_HANG_SECONDS = 5.0
_START_SECONDS = 90.0
_MOST_KIB = 1 << 20
_WHOLE = 10_000
_SHORT = 220
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


def _run(folder: Path, first: int, count: int) -> list[dict[str, Any]]:
    """Run some numbers in a process of their own, in a folder of their own."""
    home, data = folder / "home", folder / "data"
    home.mkdir(parents=True)
    environment = os.environ | {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "tests.fuzz.runner", str(data), str(first), str(count)]
    errors = folder / "errors.log"
    with (
        errors.open("w") as log,
        subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        rows = [json.loads(line) for line in _lines(process)]
    assert process.returncode == 0, errors.read_text()[-3000:]
    assert len(rows) == count + 1, "the last line is the process's memory"
    return rows


def _check(folder: Path, rows: list[dict[str, Any]]) -> None:
    fates, peak = rows[:-1], rows[-1]["peak_kib"]
    assert peak < _MOST_KIB
    slow = [fate for fate in fates if fate["seconds"] > _HANG_SECONDS]
    assert slow == []
    for fate in fates:
        if fate["state"] == "refused":
            assert fate["status"] in _REFUSALS, fate
            assert fate["reason"], fate
        else:
            assert fate["state"] in _KEPT, fate
        if fate["state"] in {FilmState.NOT_READ, FilmState.QUARANTINED}:
            assert fate["reason"], fate
            assert "unforeseen" not in fate["reason"], fate
    assert {path.name for path in folder.iterdir()} == {"home", "data", "errors.log"}
    # The worker's pulse is the one temporary file.
    assert len(list((folder / "home").rglob("*"))) <= 1
    names = {
        path.name.removesuffix("-wal").removesuffix("-shm") for path in (folder / "data").iterdir()
    }
    assert names == {"fuzz.db", "spool"}


def test_a_short_run_ends_well(tmp_path: Path) -> None:
    rows = _run(tmp_path, 0, _SHORT)
    _check(tmp_path, rows)
    ends = {fate["state"] for fate in rows[:-1]}
    # The damage is neither so small that all is read nor so great that nothing gets far.
    assert ends >= {FilmState.READ, FilmState.QUARANTINED}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_files_end_well(tmp_path: Path) -> None:
    half = _WHOLE // 2
    folders = [tmp_path / "first", tmp_path / "second"]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(_run, folders, (100_000, 200_000), (half, half)))
    for folder, rows in zip(folders, runs, strict=True):
        _check(folder, rows)
