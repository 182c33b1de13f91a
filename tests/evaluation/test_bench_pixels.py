"""The benchmark of the way from a file to a model's input: that both ways make the same picture.

Not covered: the figures themselves, which are the machine's.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from evaluation import bench_pixels
from evaluation.bench_pixels import Case, main, memory, ours, times, usual


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "film.dcm"
    Case(320, 256, JPEG2000Lossless).write(written)
    return written


def test_both_ways_show_the_model_the_same_film(path: Path) -> None:
    made, theirs = ours(path)(), usual(path)()
    assert isinstance(made, dict)
    assert isinstance(theirs, np.ndarray)
    assert made["pixel_values"].shape == (1, 2, *theirs.shape[1:])
    whole = made["pixel_values"][0, 0].numpy()
    # The usual way scales to what occurs, not to what the window names.
    assert np.corrcoef(whole.ravel(), theirs[0].ravel())[0, 1] > 0.999


def test_both_ways_are_timed(path: Path) -> None:
    for found in times(path, 3).values():
        assert 0 < found["ms"] <= found["p95_ms"]


@pytest.mark.parametrize("way", ["ours", "peer"])
def test_memory_counts_at_least_a_films_pixels(tmp_path: Path, way: str) -> None:
    large = tmp_path / "large.dcm"
    Case(2000, 1500, ExplicitVRLittleEndian).write(large)
    assert memory(way, large) > 2 * 2000 * 1500 / 2**20


def test_cases_cover_sizes_and_syntaxes() -> None:
    cases = bench_pixels.cases()
    assert {(1024, 1024), (2500, 2048), (3000, 3000), (4280, 3520)} <= {
        (case.rows, case.columns) for case in cases
    }
    assert len({case.syntax for case in cases}) >= 8


@pytest.mark.slow
def test_the_command_prints_its_figures_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = Case(2500, 256, ExplicitVRLittleEndian)
    monkeypatch.setattr(bench_pixels, "cases", lambda: [small])
    main(["--json"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    (case,) = figures["cases"]
    for name in ("ours_ms", "peer_ms", "ratio", "memory_ratio"):
        assert figures[name] == case[name] > 0
    assert figures["skipped"] == []
