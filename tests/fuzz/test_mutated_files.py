"""Ten thousand damaged files through receiving and reading: every one ends in a named state.

Covered: bit flips, cuts, insertions, wrong lengths and VRs, absurd sizes, deep sequences, odd
texts, other transfer syntaxes and character sets (`tests.fuzz.mutations`), of eleven kinds of
objects (`tests.fuzz.seeds`), through intake, decoding and the quality gate. Watched: crashes,
hangs, memory, files outside the data folder, and answers that promise what was not done. A short
run is part of `make test`, the whole of `make verify`. Not covered: the network below the data set
(tests/gateway/test_bad_clients.py) and the model, which only ever sees a picture.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.states import FilmState
from tests.fuzz.watched import check, run

_WHOLE = 10_000
_SHORT = 60


def test_a_short_run_ends_well(tmp_path: Path) -> None:
    rows = run(tmp_path, 0, _SHORT)
    check(tmp_path, rows)
    assert len(rows) == _SHORT + 1
    ends = {fate["state"] for fate in rows[:-1]}
    # The damage is neither so small that all is read nor so great that nothing gets far.
    assert ends >= {FilmState.READ, FilmState.QUARANTINED}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_files_end_well(tmp_path: Path) -> None:
    half = _WHOLE // 2
    folders = [tmp_path / "first", tmp_path / "second"]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(run, folders, (100_000, 200_000), (half, half)))
    for folder, rows in zip(folders, runs, strict=True):
        check(folder, rows)
        assert len(rows) == half + 1
