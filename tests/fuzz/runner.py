"""Takes mutated files in and reads them, one after the other, in a process that may be watched.

`python -m tests.fuzz.runner FOLDER FIRST COUNT` prints one JSON object a file, and flushes each;
`python -m tests.fuzz.runner FOLDER bombs` takes the bombs instead of mutated files.
Receiving, intake, decoding, quality gate and the bookkeeping of the worker are the real ones. The
place of the model is taken by a reader that finds the same on every film: no file reaches further
than the picture that a model is given.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
from sqlalchemy import func, select

from core.settings import DatabaseSettings, Settings, SpoolSettings
from core.states import FilmState
from core.worker_settings import WorkerSettings
from db.engine import Database
from db.models import Instance, Quarantine
from db.spool import Spool
from db.upgrade import upgrade
from db.workers import SignOfLife
from gateway.callers import Caller
from gateway.incoming import IncomingFile
from gateway.statuses import StoreStatus
from gateway.store import Receiver, StoreRequest
from tests.db.builders import let_show
from tests.fuzz.bombs import BOMBS
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import Seed, seeds
from tests.worker.odd_reader import IDENTITY, OddReader
from worker.draft import Drafter
from worker.heartbeat import Heartbeat
from worker.pulse import Pulse

_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.7",
        "1.2.840.10008.5.1.4.1.1.88.59",
    }
)
_CALLER = Caller("FUZZ", sends=True, classes=_CLASSES, accepted=_CLASSES)
_UNDER_WAY = frozenset({FilmState.QUEUED, FilmState.READING})


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutated file.

    Parameters
    ----------
    number
        Which.
    name
        What it was, and what was done to it.
    status
        The answer.
    state
        A film's state, `quarantined`, or `refused`; `nowhere` if it is acknowledged and in none.
    reason
        Why.
    seconds, busy_seconds
        From its file to its end, by the clock and by the processor.
    """

    number: int
    name: str
    status: int
    state: str
    reason: str
    seconds: float
    busy_seconds: float


class Runner:
    """An installation without its processes.

    Parameters
    ----------
    folder
        Where it keeps everything.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'fuzz.db'}"
        settings = Settings(
            data=folder,
            database=DatabaseSettings(url=url),
            spool=SpoolSettings(folder=folder / "spool", reserve_bytes=0),
            worker=WorkerSettings(quality_gate="refuse", maximum_attempts=1),
        )
        upgrade(url)
        self._db = Database(url)
        let_show(self._db, IDENTITY)
        self._spool = Spool(settings.spool_folder, 0)
        self._receiver = Receiver(settings, self._db, self._spool, lambda: None)
        heartbeat = Heartbeat(self._db, Pulse(), SignOfLife("fuzz", 1), settings.worker)
        self._drafter = Drafter(self._db, OddReader(), settings, heartbeat, "fuzz")

    def run(self, seed: Seed, number: int) -> Fate:
        """Mutate a seed, and bring it to its end."""
        data, damage = mutated(seed.copy(number), number)
        return self.take(data, number, f"{seed.name}: {damage}")

    def take(self, data: bytes, number: int, name: str) -> Fate:
        """Take a file in, and bring it to its end."""
        started, busy = time.monotonic(), _busy()
        instances, aside = self._counts()
        incoming = IncomingFile(self._spool.temporary())
        incoming.open(self._spool, data)
        answer = self._receiver.answer(StoreRequest(incoming, _CALLER, "FIRSTREAD"))
        incoming.close()
        while self._drafter.draft_one():
            pass
        state, reason = self._end(instances, aside, answer.comment, answer.status)
        seconds, busy = time.monotonic() - started, _busy() - busy
        return Fate(number, name, int(answer.status), state, reason, seconds, busy)

    def _counts(self) -> tuple[int, int]:
        with self._db.read() as session:
            last = session.scalar(select(func.max(Instance.id))) or 0
            times = session.scalar(select(func.sum(Quarantine.times))) or 0
        return last, times

    def _end(
        self, instances: int, aside: int, comment: str, status: StoreStatus
    ) -> tuple[str, str]:
        with self._db.read() as session:
            film = session.scalars(select(Instance).where(Instance.id > instances)).one_or_none()
            if film is not None:
                return film.state.value, film.reason or ""
            times = session.scalar(select(func.sum(Quarantine.times))) or 0
            newest = select(Quarantine.reason).order_by(Quarantine.last_at.desc()).limit(1)
            if times > aside:
                return FilmState.QUARANTINED.value, session.scalar(newest) or ""
        return ("nowhere" if status is StoreStatus.SUCCESS else "refused"), comment


def _busy() -> float:
    """Give the processor's seconds of this process and of the children that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _own_peak_kib() -> int:
    """Give the most memory that this program held.

    `getrusage` would count what the process held before it became this program, as a copy of
    whoever started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _fates(runner: Runner, arguments: list[str]) -> Iterator[Fate]:
    if arguments == ["bombs"]:
        for number, (name, bomb) in enumerate(BOMBS.items()):
            yield runner.take(bomb(), number, name)
        return
    first, count = map(int, arguments)
    all_seeds = list(seeds())
    for number in range(first, first + count):
        yield runner.run(all_seeds[number % len(all_seeds)], number)


def main() -> None:
    """Run what the command line names."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    runner = Runner(Path(sys.argv[1]))
    for fate in _fates(runner, sys.argv[2:]):
        _say(asdict(fate))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak = max(_own_peak_kib(), children)
    _say({"peak_kib": peak})


if __name__ == "__main__":
    main()
