"""A hospital's day, replayed as fast as the machine allows: what grows, and how fast it goes.

    python -m evaluation.day --json

A FirstRead of its own with the demonstration model gets a day's studies (`evaluation.day.studies`)
from three rooms at once, hour by hour; each hour is waited for until everything of it was read and
delivered to dcmtk's storescp. Retention is on, with seconds in place of weeks, so that files go
while others come. Behind the last hour, whatever the rule allows to go must go: each film's header
is all that stays of it.

The last line is one JSON object:

- `studies`, `films`, `ends`: what was sent, and the states in which the objects ended;
- `seconds`, `studies_per_minute`: of the whole replay; `busiest_hour`: the studies, seconds and the
  longest queue of the hour with the most of them;
- `memory_mb`, `threads`, `descriptors`: for each process `[after a fifth of the studies, at the
  end]`;
- `spool_files`, `spool_mb`: the most there were, and what was left behind the day; `other_files`:
  likewise after a fifth and at the end;
- `grew`: what grew beyond measure; the exit status is 1 where it is not empty, or objects ended in
  other states than `read` and `not_read`.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from core.logs import configure_logs
from core.settings import LogSettings
from db.engine import Database
from db.orphans import remove_orphans
from db.spool import BUCKETS, Spool
from evaluation.day.replay import Hour, Replay
from evaluation.day.samples import Sample, sample
from evaluation.day.studies import Department, hours
from evaluation.house import Form, House, archive, house
from evaluation.servers.storescp import storescp
from gateway.tidying import removals

_STUDIES: Final = 1500
_SEED: Final = 20_261
_SETTLED: Final = 0.2
"""Share of the day behind which nothing should grow: caches are filled, pools are open."""
_MEMORY_SHARE: Final = 1.25
_MEMORY_MB: Final = 60.0
_FEW: Final = 12
"""Threads or descriptors: pools open some more under load."""
_FEW_FILES: Final = 200
_EXPECTED: Final = {"read", "not_read"}
_RETENTION: Final = """\
[retention]
enabled = true
films_days = 0.0005
unreviewed_films_days = 0.0005
results_days = 0.0005
"""
_OLD_ENOUGH_SECONDS: Final = 60.0
"""Longer than the days of `_RETENTION`, which are 43 seconds each."""
_HEADER_MB: Final = 0.02
"""What stays of a film, at most."""


def replayed(folder: Path, form: Form, studies: int) -> dict[str, Any]:
    """Replay a day.

    Raises
    ------
    FirstReadError
        If it does not come to its end.
    """
    department = Department(folder / "films", _SEED)
    with (
        storescp(folder / "archive") as peer,
        house(
            folder / form.value,
            form,
            [archive("archive", peer.ae_title, peer.port)],
            idle_seconds=1.0,
            more=_RETENTION,
        ) as ours,
    ):
        replay = Replay(ours, department)
        begun = time.monotonic()
        passed = list(_passed(replay, studies))
        seconds = time.monotonic() - begun
        left = _left_behind(ours)
        ends = replay.ends()
        replay.close()
    return _summary(passed, seconds, left) | {"ends": ends, "form": form.value}


def _passed(replay: Replay, studies: int) -> Iterator[Hour]:
    for number, count in enumerate(hours(studies)):
        if count:
            hour = replay.hour(count)
            print(f"hour {number}: {count} studies in {hour.seconds:.0f} s", file=sys.stderr)
            yield hour


def _left_behind(ours: House) -> Sample:
    """Have retention and the sweep do what they may, once all is old enough, and look."""
    time.sleep(_OLD_ENOUGH_SECONDS)
    db = Database(ours.settings.database_url)
    spool = Spool.of(ours.settings)
    try:
        for _ in removals(ours.settings, db, spool):
            pass
        for bucket in range(BUCKETS):
            remove_orphans(db, spool, bucket, _OLD_ENOUGH_SECONDS / 2)
    finally:
        db.close()
    return sample(ours)


def _summary(passed: Sequence[Hour], seconds: float, left: Sample) -> dict[str, Any]:
    studies = sum(hour.studies for hour in passed)
    upto, settled = 0, passed[-1].after
    for hour in passed:
        upto += hour.studies
        if upto >= _SETTLED * studies:
            settled = hour.after
            break
    end = passed[-1].after
    busiest = max(passed, key=lambda hour: hour.studies)
    return {
        "studies": studies,
        "films": sum(hour.films for hour in passed),
        "seconds": round(seconds, 1),
        "studies_per_minute": round(60 * studies / seconds, 1),
        "busiest_hour": [busiest.studies, round(busiest.seconds, 1), busiest.longest_queue],
        "memory_mb": _both(settled, end, "memory_mb"),
        "threads": _both(settled, end, "threads"),
        "descriptors": _both(settled, end, "descriptors"),
        "spool_files": [max(hour.after.spool_files for hour in passed), left.spool_files],
        "spool_mb": [max(hour.after.spool_mb for hour in passed), left.spool_mb],
        "other_files": [settled.other_files, end.other_files],
        "grew": grown(settled, end, left, films=sum(hour.films for hour in passed)),
    }


def _both(settled: Sample, end: Sample, name: str) -> dict[str, list[float]]:
    return {
        kind: [getattr(settled.processes[kind], name), getattr(process, name)]
        for kind, process in end.processes.items()
    }


def grown(settled: Sample, end: Sample, left: Sample, *, films: int) -> list[str]:
    """Name what grew beyond measure between two moments, and what was left behind the day."""
    found = []
    for kind, after in end.processes.items():
        before = settled.processes[kind]
        if after.memory_mb > max(before.memory_mb * _MEMORY_SHARE, before.memory_mb + _MEMORY_MB):
            found.append(f"memory of {kind}")
        if after.threads > before.threads + _FEW:
            found.append(f"threads of {kind}")
        if after.descriptors > before.descriptors + _FEW:
            found.append(f"descriptors of {kind}")
    if end.other_files > settled.other_files + _FEW_FILES:
        found.append("files outside of the spool")
    if left.spool_files > films or left.spool_mb > films * _HEADER_MB:
        found.append("files in the spool beyond retention")
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay a day, and exit with 1 where something grew or was not read."""
    parser = argparse.ArgumentParser(description="Replay a hospital's day.")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--studies", type=int, default=_STUDIES, help="of the day")
    parser.add_argument(
        "--form",
        choices=[form.value for form in Form],
        default=Form.HOSPITAL.value,
        help="which of the two forms",
    )
    chosen = parser.parse_args(arguments)
    if chosen.studies < 1:
        parser.error("at least one study")
    configure_logs(LogSettings(level="WARNING"))
    with tempfile.TemporaryDirectory(prefix="firstread-day-") as name:
        found = replayed(Path(name), Form(chosen.form), chosen.studies)
    if not chosen.json:
        for key, value in found.items():
            print(f"{key}: {value}")
    print(json.dumps(found))
    sys.exit(1 if found["grew"] or set(found["ends"]) - _EXPECTED else 0)


if __name__ == "__main__":
    main()
