"""From an image's acknowledgement to its results in the archive, without the model's own time.

    python -m evaluation.bench_latency --json

A FirstRead of its own, with the demonstration model and no idle time, gets one phantom film after
another over associations of their own, each as soon as the one before is through. What counts is
the time from the answer to C-STORE, as the sender has it, to the last of the film's three result
objects (findings SR, report SR, GSPS), as the archive wrote it: the time of its file, by the same
machine's clock, which the kernel gives to within 4 ms. The seconds that the model took, as it notes
them itself in the reading, are taken out; all else stays in: the queue, decoding, the quality gate,
every commit, building, the associations with the archive.

The last line is one JSON object:

- `overhead_p50_ms`, `overhead_p95_ms`: the larger one of the forms that were measured;
- for each form its own `overhead_p50_ms`, `overhead_p95_ms`, and `model_p50_ms`;
- `peer`, `films`.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.filereader import dcmread
from sqlalchemy import select

from core.errors import FirstReadError
from core.reading_json import reading_from_json
from core.states import DRAFT_KINDS
from db.engine import Database
from db.models import Instance, ReadingRow, Study
from evaluation.house import CALLING_AE, Form, House, archive, house
from evaluation.servers.orthanc import Orthanc
from evaluation.servers.storescp import storescp
from evaluation.servers.waiting import wait_for
from gateway.association import open_association, store_file
from gateway.scu import describe, propose
from training.phantom_dicom import write_films

_FILMS: Final = 40
_NOT_COUNTED: Final = 3
_SEED: Final = 77
_PATIENCE_SECONDS: Final = 120.0
_MODEL_STAGES: Final = ("encoding", "report", "grounding")
_OUR_STAGE: Final = "telling"
"""Within the report's: our commit of the flags."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A program that takes results.

    Parameters
    ----------
    ae_title, port
        Where it listens.
    folder
        Below which it writes each object as one file of its own.
    """

    ae_title: str
    port: int
    folder: Path

    def stored(self) -> list[Path]:
        """List the DICOM files that it wrote so far."""
        return [path for path in self.folder.rglob("*") if path.is_file() and _is_dicom(path)]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, in milliseconds, one of each for each film that counts.

    Parameters
    ----------
    overhead
        From the acknowledgement to the last result, without the model's own time.
    model
        That time.
    """

    overhead: list[float]
    model: list[float]

    def summary(self) -> dict[str, float]:
        """Give what is printed."""
        return {
            "overhead_p50_ms": round(statistics.median(self.overhead), 1),
            "overhead_p95_ms": _p95(self.overhead),
            "model_p50_ms": round(statistics.median(self.model), 1),
        }


@contextmanager
def _storescp(folder: Path) -> Iterator[Archive]:
    with storescp(folder) as peer:
        yield Archive(peer.ae_title, peer.port, peer.folder)


@contextmanager
def _orthanc(folder: Path) -> Iterator[Archive]:
    folder.mkdir(parents=True)
    server = Orthanc(folder)
    server.start()
    try:
        yield Archive(server.ae_title, server.dicom_port, folder / "storage")
    finally:
        server.stop()


_PEERS: Final = {"storescp": _storescp, "orthanc": _orthanc}


def measured(folder: Path, form: Form, peer: str, films: int) -> Figures:
    """Send films through one form, and measure.

    Raises
    ------
    FirstReadError
        If a film's results do not come.
    """
    written = write_films(folder / "films", films + _NOT_COUNTED, _SEED)
    paths = [folder / "films" / str(film["file"]) for film in written]
    with (
        _PEERS[peer](folder / peer) as there,
        house(folder / form.value, form, [archive("archive", there.ae_title, there.port)]) as ours,
    ):
        acknowledged = {}
        for number, path in enumerate(paths, start=1):
            study = str(dcmread(path, stop_before_pixels=True).StudyInstanceUID)
            acknowledged[study] = _sent(path, ours)
            wait_for(_came(there, number), _PATIENCE_SECONDS, f"the results of film {number}")
        models = _model_seconds(ours)
        stored = _last_stored(there)
    overhead = {
        study: 1000 * (stored[study] - at - models[study]) for study, at in acknowledged.items()
    }
    counted = list(acknowledged)[_NOT_COUNTED:]
    return Figures(
        [overhead[study] for study in counted], [1000 * models[study] for study in counted]
    )


def _came(there: Archive, films: int) -> Callable[[], bool]:
    return lambda: len(there.stored()) >= films * len(DRAFT_KINDS)


def _sent(path: Path, ours: House) -> float:
    """Send a film, and give the time of its acknowledgement."""
    with open_association(
        "127.0.0.1",
        ours.port,
        called_ae=ours.settings.gateway.ae_title,
        calling_ae=CALLING_AE,
        contexts=propose([describe(path)]),
        timeout=30.0,
    ) as association:
        status, words = store_file(association, path)
        at = time.time()
    if status:
        message = f"{path.name} was answered 0x{status:04X} {words}"
        raise FirstReadError(message)
    return at


def _model_seconds(ours: House) -> dict[str, float]:
    """Give the seconds that the model took for each study's one film."""
    db = Database(ours.settings.database_url)
    query = (
        select(Study.uid, ReadingRow.document)
        .join(Instance, Instance.study_id == Study.id)
        .join(ReadingRow, ReadingRow.instance_id == Instance.id)
        .where(ReadingRow.current)
    )
    try:
        with db.read() as session:
            rows = session.execute(query).all()
    finally:
        db.close()
    return {uid: model_seconds(reading_from_json(document).timings) for uid, document in rows}


def model_seconds(timings: Mapping[str, float]) -> float:
    """Give the model's own seconds of a reading's timings."""
    return sum(timings[stage] for stage in _MODEL_STAGES) - timings[_OUR_STAGE]


def _last_stored(there: Archive) -> dict[str, float]:
    """Give the time at which each study was complete in the archive, in seconds of the epoch."""
    times = defaultdict(list)
    for path in there.stored():
        study = str(dcmread(path, stop_before_pixels=True).StudyInstanceUID)
        times[study].append(path.stat().st_mtime_ns / 1e9)
    odd = {study: len(found) for study, found in times.items() if len(found) != len(DRAFT_KINDS)}
    if odd:
        message = f"not {len(DRAFT_KINDS)} results of each study: {odd}"
        raise FirstReadError(message)
    return {study: max(found) for study, found in times.items()}


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132).endswith(b"DICM")


def _p95(values: Sequence[float]) -> float:
    return round(statistics.quantiles(values, n=20, method="inclusive")[-1], 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time the way from an image to its results.")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--form", choices=[form.value for form in Form], help="default both")
    parser.add_argument("--peer", choices=sorted(_PEERS), default="storescp", help="the archive")
    parser.add_argument("--films", type=int, default=_FILMS, help="that count, at least 2")
    chosen = parser.parse_args(arguments)
    if chosen.films < 2:  # noqa: PLR2004 - a quantile needs two
        parser.error("at least two films")
    forms = [Form(chosen.form)] if chosen.form else list(Form)
    found = {}
    for form in forms:
        with tempfile.TemporaryDirectory(prefix="firstread-latency-") as name:
            found[form.value] = measured(Path(name), form, chosen.peer, chosen.films).summary()
        if not chosen.json:
            print(form.value, found[form.value])
    result = {
        name: max(one[name] for one in found.values())
        for name in ("overhead_p50_ms", "overhead_p95_ms")
    }
    print(json.dumps(result | found | {"peer": chosen.peer, "films": chosen.films}))


if __name__ == "__main__":
    main()
