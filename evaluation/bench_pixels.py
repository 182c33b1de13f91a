"""From a film's file to a model's input: time and memory, ours against the usual way.

    python -m evaluation.bench_pixels --json

Ours is what a worker does (`imaging.film.load_film`, then the demonstration model's two pictures).
The usual way is pydicom and Pillow as most scripts have them: `dcmread`, `pixel_array`,
`apply_modality_lut`, `apply_voi_lut`, inversion, scaling to 8 bits, one resize to the model's
size. It checks nothing, decodes in its own process, and makes one picture instead of two.

Each case runs in fresh processes on one thread, with the file in the system's cache. For time, the
two ways take turns in one process, so that whatever else the machine does meets both; for memory
each has a process of its own. The last line is one JSON object:

- `cases`: for each size, and for 2500 x 2048 pixels each transfer syntax: `ours_ms` and
  `peer_ms` (medians), `ours_p95_ms`, `peer_p95_ms`, `ratio` (theirs over ours); `ours_mb` and
  `peer_mb`, what the process needed at its peak beyond what it had after its imports, ours with
  all of its decoding process, and `memory_ratio`.
- `ours_ms`, `peer_ms`, `ratio`, `memory_ratio`: of 2500 x 2048, uncompressed.
- `skipped`: transfer syntaxes without an encoder on this machine.

Memory is read from Linux' /proc.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pydicom
from PIL import Image
from pydicom import uid
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from evaluation.encoded_films import Encoding, can_encode, write_encoded
from imaging.decoder_process import COMMAND
from imaging.film import load_film
from reader.model_folder import DEMO_MODEL
from reader.picture import as_image
from reader.weights.tiles import tile_values
from training.phantom import sample

_SIZES: Final = ((1024, 1024), (2500, 2048), (3000, 3000), (4280, 3520))
_USUAL: Final = (2500, 2048)
_SYNTAXES: Final = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
)
_SEED: Final = 31_337
_RUNS: Final = 31
_FEW: Final = 7
"""Runs of a compressed film, which takes up to a second."""
_DECODER: Final = COMMAND[-1].encode()
_KILO: Final = 1024
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Case:
    """A film to be measured.

    Parameters
    ----------
    rows, columns
        Its size.
    syntax
        Its transfer syntax.
    """

    rows: int
    columns: int
    syntax: str

    @property
    def runs(self) -> int:
        """How often it is loaded."""
        return _FEW if uid.UID(self.syntax).is_encapsulated else _RUNS

    def write(self, path: Path) -> None:
        """Make the film, 16 bits stored."""
        picture = sample(_SEED, 0).render(self.columns, self.rows).astype(np.float64)
        write_encoded(picture, Encoding(self.syntax, bits=16), path, rim=1)


def cases() -> list[Case]:
    """Give all cases."""
    plain = [Case(rows, columns, uid.ExplicitVRLittleEndian) for rows, columns in _SIZES]
    return plain + [Case(*_USUAL, syntax) for syntax in _SYNTAXES]


def ours(path: Path) -> Callable[[], object]:
    """Give what a worker does with a film."""
    tiles = tile_values(DEMO_MODEL)
    return lambda: tiles(as_image(load_film(path).pixels))


def usual(path: Path) -> Callable[[], object]:
    """Give what most scripts do with a film."""
    tiles = tile_values(DEMO_MODEL)
    mean, std = np.float32(tiles.mean[0]), np.float32(tiles.std[0])

    def load() -> object:
        film = pydicom.dcmread(path)
        values = apply_voi_lut(apply_modality_lut(film.pixel_array, film), film).astype(np.float64)
        if film.PhotometricInterpretation == "MONOCHROME1":
            values = values.max() - values
        low, high = values.min(), values.max()
        grey = ((values - low) / (high - low) * 255).astype(np.uint8)
        picture = Image.fromarray(grey).convert("RGB").resize((tiles.side,) * 2, tiles.resample)
        normal = (np.asarray(picture, np.float32) * np.float32(tiles.scale) - mean) / std
        return np.ascontiguousarray(normal.transpose(2, 0, 1)[None])

    return load


_WAYS: Final = {"ours": ours, "peer": usual}


def times(path: Path, runs: int) -> dict[str, dict[str, float]]:
    """Measure both ways' time on one film, in turn, in this process.

    Returns
    -------
    dict
        `ms` and `p95_ms` by way; one run of each does not count.
    """
    ways = {way: make(path) for way, make in _WAYS.items()}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(runs + 1):
        for way, load in ways.items():
            begun = time.perf_counter()
            load()
            taken[way].append(1000 * (time.perf_counter() - begun))
    return {
        way: {
            "ms": round(statistics.median(each[1:]), 2),
            "p95_ms": round(statistics.quantiles(each[1:], n=20, method="inclusive")[-1], 2),
        }
        for way, each in taken.items()
    }


def memory(way: str, path: Path) -> float:
    """Measure what one way adds to this process' memory at its peak, in MiB."""
    load = _WAYS[way](path)
    gc.collect()
    before = _memory(os.getpid(), "VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak, proc(5)
    with _watched() as decoders:
        load()
    added = _memory(os.getpid(), "VmHWM") - before + max(decoders, default=0)
    return round(added / _KILO, 1)


@contextmanager
def _watched() -> Iterator[list[int]]:
    """Look all the time at the memory of the processes below this one; gives their peaks, KiB.

    What the system itself counts of children that have ended would be this process' own size,
    which they had before they became another program.
    """
    peaks: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.001):
            for child in _below(os.getpid()):
                # Gone by now, or still this one's copy: no decoder.
                with suppress(OSError, StopIteration):
                    if _DECODER in Path(f"/proc/{child}/cmdline").read_bytes():
                        peaks.append(_memory(child, "VmHWM"))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        done.set()
        thread.join()


def _below(process: int) -> Iterator[int]:
    """Give the process ids of a process' descendants."""
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield int(child)
            with suppress(OSError):
                yield from _below(int(child))


def _memory(process: int, which: str) -> int:
    """Give resident memory, now or at its peak, in KiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{which}:"))
    return int(line.split()[1])


def results(folder: Path, wanted: Sequence[Case]) -> Iterator[dict[str, Any]]:
    """Measure both ways on each case."""
    for case in wanted:
        path = folder / "film.dcm"
        case.write(path)
        timed = _elsewhere("times", path, case.runs)
        mine, theirs = timed["ours"], timed["peer"]
        taken = {way: _elsewhere(way, path, 1) for way in _WAYS}
        path.unlink()
        yield {
            "case": f"{case.rows} x {case.columns}, {uid.UID(case.syntax).name}",
            "ours_ms": mine["ms"],
            "ours_p95_ms": mine["p95_ms"],
            "peer_ms": theirs["ms"],
            "peer_p95_ms": theirs["p95_ms"],
            "ratio": round(theirs["ms"] / mine["ms"], 2),
            "ours_mb": taken["ours"],
            "peer_mb": taken["peer"],
            "memory_ratio": round(taken["peer"] / taken["ours"], 2),
        }


def _elsewhere(what: str, path: Path, runs: int) -> Any:
    command = [sys.executable, "-m", __spec__.name, "--one", what, str(path), str(runs)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **_ONE_THREAD}
    )
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time the way from a film to a model's input.")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--one", nargs=3, metavar=("WHAT", "FILM", "RUNS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one:
        what, path, runs = chosen.one
        film = Path(path)
        print(json.dumps(times(film, int(runs)) if what == "times" else memory(what, film)))
        return
    wanted = [case for case in cases() if can_encode(case.syntax)]
    skipped = [uid.UID(case.syntax).name for case in cases() if case not in wanted]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for one in results(Path(folder), wanted):
            found.append(one)
            if not chosen.json:
                print(one)
    head = next(one for one in found if one["case"].startswith(f"{_USUAL[0]} x"))
    names = ("ours_ms", "peer_ms", "ratio", "memory_ratio")
    print(json.dumps({**{name: head[name] for name in names}, "cases": found, "skipped": skipped}))


if __name__ == "__main__":
    main()
