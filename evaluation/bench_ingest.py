"""Films in each second: FirstRead's gateway against another receiver, with dcmtk as the sender.

    python -m evaluation.bench_ingest --peer orthanc --senders 4 --json

Sixty films of 10 MB (`--images`) are shared out among so many `storescu` that begin at once, one
association each; both receivers take turns, each time with an empty folder and database. Ours is
the real process, `firstread gateway`; each film's file and its folder are fsynced and its rows
committed before its answer, and afterwards the database must have every one. The last line is one
JSON object:

- `ours_images_per_s`, `peer_images_per_s`: medians of all repetitions;
- `ratio`: ours over the peer's in the same repetition, median;
- `fsync`, `commit`: whether ours had them before each answer; always so;
- `peak_memory_mb`: the most that our process ever had resident, in any repetition;
- `peer_peak_memory_mb`: the same of the peer's first process;
- `senders`, `runs`, `images`, `bytes` (of all films together), `peer`, `database`.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from core.errors import FirstReadError
from evaluation.ingest_films import write_films
from evaluation.ingest_receivers import CALLING_AE, PeerName, Receiver, our_gateway, peer
from evaluation.running import forget_environment
from evaluation.servers.postgres import postgres
from evaluation.servers.program import program

_IMAGES: Final = 60
_RUNS: Final = 5
_DATABASES: Final = ("sqlite", "postgres")
Opened = Callable[[Path], AbstractContextManager[Receiver]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one receiver did in one repetition.

    Parameters
    ----------
    images_per_s
        Films in each second, from the start of the first sender to the end of the last.
    peak_memory_mb
        The most that the receiver's process had resident.
    """

    images_per_s: float
    peak_memory_mb: float


def measured(opened: Opened, films: Sequence[Path], senders: int) -> Measured:
    """Send all films to a receiver that is started for it.

    Raises
    ------
    FirstReadError
        If a film was refused or is not there afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="firstread-ingest-") as name:
        with opened(Path(name)) as receiver:
            os.sync()  # what the one before left behind is not this one's burden
            begun = time.perf_counter()
            _send(receiver, films, senders)
            taken = time.perf_counter() - begun
            count, memory = receiver.objects(), receiver.peak_memory_mb()
        if count != len(films):
            message = f"{receiver.ae_title} has {count} of {len(films)} films"
            raise FirstReadError(message)
        return Measured(len(films) / taken, memory)


def _send(receiver: Receiver, films: Sequence[Path], senders: int) -> None:
    """Send films over so many associations at once, and wait for the last."""
    titles = ["--aetitle", CALLING_AE, "--call", receiver.ae_title]
    command = [str(program("storescu", "dcmtk")), "--required", *titles]
    command += ["127.0.0.1", str(receiver.port)]
    with ExitStack() as running:
        started = [
            running.enter_context(
                subprocess.Popen(
                    [*command, *map(str, films[first::senders])],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            for first in range(min(senders, len(films)))
        ]
        for sender in started:
            said, _nothing = sender.communicate()
            if sender.returncode:
                message = f"storescu to {receiver.ae_title} ended with {sender.returncode}: {said}"
                raise FirstReadError(message)


def compared(ours: Opened, other: Opened, films: Sequence[Path], chosen: argparse.Namespace) -> Any:
    """Measure both in turn, and sum up."""
    found: dict[str, list[Measured]] = {"ours": [], "peer": []}
    for run in range(chosen.runs):
        for who, opened in (("ours", ours), ("peer", other)):
            one = measured(opened, films, chosen.senders)
            found[who].append(one)
            if not chosen.json:
                print(f"{run + 1}: {who} {one.images_per_s:.1f} images/s")
    ratios = [
        mine.images_per_s / theirs.images_per_s
        for mine, theirs in zip(found["ours"], found["peer"], strict=True)
    ]
    return {
        "ours_images_per_s": round(_median(found["ours"]), 2),
        "peer_images_per_s": round(_median(found["peer"]), 2),
        "ratio": round(statistics.median(ratios), 2),
        "fsync": True,
        "commit": True,
        "peak_memory_mb": max(one.peak_memory_mb for one in found["ours"]),
        "peer_peak_memory_mb": max(one.peak_memory_mb for one in found["peer"]),
        "peer": chosen.peer.value,
        "database": chosen.database,
        "senders": chosen.senders,
        "runs": chosen.runs,
        "images": len(films),
        "bytes": sum(film.stat().st_size for film in films),
    }


def _median(runs: Sequence[Measured]) -> float:
    return statistics.median(one.images_per_s for one in runs)


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        message = f"must be at least 1: {text}"
        raise argparse.ArgumentTypeError(message)
    return number


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time the intake of films over the network.")
    parser.add_argument("--peer", type=PeerName, choices=list(PeerName), default=PeerName.ORTHANC)
    parser.add_argument("--senders", type=_at_least_one, default=1, help="associations at once")
    parser.add_argument("--images", type=_at_least_one, default=_IMAGES)
    parser.add_argument("--runs", type=_at_least_one, default=_RUNS)
    parser.add_argument("--database", choices=_DATABASES, default="sqlite", help="ours")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    chosen = parser.parse_args(arguments)
    forget_environment()
    with ExitStack() as opened:
        server = (
            opened.enter_context(postgres(syncs=True)) if chosen.database == "postgres" else None
        )
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="firstread-films-")))
        films = write_films(folder, chosen.images, datetime.now(UTC))

        def ours(empty: Path) -> AbstractContextManager[Receiver]:
            return our_gateway(empty, None if server is None else server.new_database())

        def other(empty: Path) -> AbstractContextManager[Receiver]:
            return peer(chosen.peer, empty)

        print(json.dumps(compared(ours, other, films, chosen)))


if __name__ == "__main__":
    main()
