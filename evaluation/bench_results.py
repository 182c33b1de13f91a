"""From a reading to result objects: time and size, ours against highdicom called plainly.

    python -m evaluation.bench_results --json

Ours is `dicom_sr.build.build_all`: the three objects that every peer gets, encoded as the bytes of
their files. The peer is highdicom's own high-level classes (`evaluation.plain_highdicom`), encoded
alike; both are of one reading with `--findings` findings in one box each, of a phantom film whose
header has no trap. Both take turns in one process, on one core where the system can hold them to
one. The last line is one JSON object:

- `ours_ms`, `peer_ms`: medians of building and encoding all three; `ours_p95_ms`, `peer_p95_ms`;
- `ratio`: theirs over ours;
- `ours_bytes`, `peer_bytes`: size of each object's file by its kind;
- `findings`, `runs`.
"""

import argparse
import io
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from pydicom import dcmwrite
from pydicom.dataset import Dataset

from core.labels import Label, Side
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    Presence,
    Reading,
    ReportSentence,
    finding_id,
)
from core.report import ReportKind, ReportVersion
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from evaluation import plain_highdicom
from evaluation.benchmark_model import BENCHMARK_MODEL
from training.phantom import sample
from training.phantom_dicom import FilmForm, film_dataset

_RUNS: Final = 51
_FINDINGS: Final = 8
_SEED: Final = 31_337
_WHEN: Final = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
Built = dict[ResultKind, bytes]


def film_header() -> Dataset:
    """Give the header of a phantom film without traps."""
    form = FilmForm("DX", "MONOCHROME2", 12, 1024)
    film = film_dataset(sample(_SEED, 0), form, _WHEN)
    del film.PixelData
    return film


def reading_with(findings: int) -> Reading:
    """Make a reading with so many findings, in one box and one sentence each."""
    labels = tuple(Label)
    said = tuple(
        Finding(
            id=finding_id("benchmark", number),
            label=labels[number % len(labels)],
            presence=Presence.PRESENT,
            score=0.75,
            side=Side.LEFT,
            boxes=(_box(number),),
            sentence=f"Sentence {number} on {labels[number % len(labels)].value}.",
        )
        for number in range(findings)
    )
    sentences = tuple(ReportSentence(one.sentence or "", (one.id,), one.boxes) for one in said)
    return Reading(
        id="benchmark",
        model=BENCHMARK_MODEL,
        flags=tuple(Flag(label, Presence.PRESENT, 0.5) for label in labels),
        findings=said,
        report=DraftReport(" ".join(one.text for one in sentences) or "None.", "As above."),
        sentences=sentences,
    )


def _box(number: int) -> Box:
    column, row = number % 5, number // 5 % 6
    return Box(0.05 + 0.18 * column, 0.05 + 0.15 * row, 0.18 + 0.18 * column, 0.15 + 0.15 * row)


def ours(reading: Reading, film: Dataset) -> Built:
    """Build as FirstRead does."""
    version = ReportVersion(
        id="benchmark",
        reading_id=reading.id,
        number=1,
        kind=ReportKind.DRAFT,
        findings=reading.report.findings,
        impression=reading.report.impression,
        created_at=_WHEN,
    )
    built = build_all(reading, version, film, BuildContext())
    return {kind: encoded(one) for kind, one in built.items()}


def peers(reading: Reading, film: Dataset) -> Built:
    """Build as highdicom's documentation shows."""
    built = {
        ResultKind.FINDINGS_SR: plain_highdicom.findings_sr(reading, film),
        ResultKind.REPORT_SR: plain_highdicom.report_sr(reading, film),
        ResultKind.GSPS: plain_highdicom.gsps(reading, film),
    }
    return {kind: _bytes(one) for kind, one in built.items()}


def _bytes(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def measured(findings: int, runs: int) -> dict[str, object]:
    """Measure both ways in turn; the first run of each does not count."""
    reading, film = reading_with(findings), film_header()
    ways: dict[str, Callable[[Reading, Dataset], Built]] = {"ours": ours, "peer": peers}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    sizes: dict[str, dict[str, int]] = {}
    for _ in range(runs + 1):
        for way, build in ways.items():
            begun = time.perf_counter()
            built = build(reading, film)
            taken[way].append(1000 * (time.perf_counter() - begun))
            sizes[way] = {kind.value: len(data) for kind, data in built.items()}
    medians = {way: statistics.median(each[1:]) for way, each in taken.items()}
    return {
        "ours_ms": round(medians["ours"], 2),
        "ours_p95_ms": _p95(taken["ours"][1:]),
        "peer_ms": round(medians["peer"], 2),
        "peer_p95_ms": _p95(taken["peer"][1:]),
        "ratio": round(medians["peer"] / medians["ours"], 2),
        "ours_bytes": sizes["ours"],
        "peer_bytes": sizes["peer"],
        "findings": findings,
        "runs": runs,
    }


def _p95(taken: list[float]) -> float:
    return round(statistics.quantiles(taken, n=20, method="inclusive")[-1], 2)


@contextmanager
def _one_core() -> Iterator[None]:
    """Hold this process to one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time the way from a reading to its objects.")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--findings", type=int, default=_FINDINGS, help="of the reading")
    parser.add_argument("--runs", type=int, default=_RUNS, help="that count, at least 2")
    chosen = parser.parse_args(arguments)
    if chosen.findings < 1 or chosen.runs < 2:  # noqa: PLR2004 - a quantile needs two
        parser.error("at least one finding and two runs")
    with _one_core():
        found = measured(chosen.findings, chosen.runs)
    if not chosen.json:
        for name, value in found.items():
            print(f"{name}: {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
