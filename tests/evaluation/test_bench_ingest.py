"""The benchmark of intake, against real receivers, and the memory of the gateway under load.

Not covered: the figures themselves, which are the machine's.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom import dcmread

from evaluation.bench_ingest import main
from evaluation.ingest_films import write_films
from evaluation.ingest_receivers import PeerName
from tests.peers.programs import skipped_without_programs

_MEMORY_MB = 150.0


def _bench(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    with skipped_without_programs():
        main([*arguments, "--json"])
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_films_are_as_large_as_real_ones_and_no_two_the_same(tmp_path: Path) -> None:
    paths = write_films(tmp_path, 3, datetime(2026, 1, 15, 9, 30, tzinfo=UTC))
    films = [dcmread(path) for path in paths]
    assert all(path.stat().st_size > 10_000_000 for path in paths)
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "PatientID", "PixelData"):
        assert len({film[keyword].value for film in films}) == len(films)


@pytest.mark.parametrize(
    "peer", [PeerName.STORESCP, pytest.param(PeerName.ORTHANC, marks=pytest.mark.slow)]
)
def test_the_last_line_is_one_object(capsys: pytest.CaptureFixture[str], peer: PeerName) -> None:
    found = _bench(capsys, "--peer", peer, "--images", "2", "--senders", "2", "--runs", "1")
    assert (found["peer"], found["images"], found["senders"], found["runs"]) == (peer, 2, 2, 1)
    assert found["fsync"] is True
    assert found["commit"] is True
    ours, theirs = found["ours_images_per_s"], found["peer_images_per_s"]
    assert isinstance(ours, float)
    assert isinstance(theirs, float)
    assert found["ratio"] == pytest.approx(ours / theirs, rel=0.02)


@pytest.mark.slow
def test_eight_senders_need_little_memory(capsys: pytest.CaptureFixture[str]) -> None:
    found = _bench(capsys, "--peer", "storescp", "--images", "32", "--senders", "8", "--runs", "1")
    memory = found["peak_memory_mb"]
    assert isinstance(memory, float)
    assert memory < _MEMORY_MB


@pytest.mark.parametrize("option", ["--images", "--runs", "--senders"])
def test_what_measures_nothing_is_refused(option: str) -> None:
    with pytest.raises(SystemExit) as refused:
        main([option, "0"])
    assert refused.value.code == 2
