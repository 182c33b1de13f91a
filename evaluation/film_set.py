"""How every file of a set of odd films ends: `python -m evaluation.film_set FOLDER [--json]`.

FOLDER holds DICOM files and a `MANIFEST.csv` with the columns `file` and `expected`, whose words
`evaluation.expected_ends` explains; pictures that are no DICOM are left out. Each file is sent to a
FirstRead of its own, with the demonstration model and a policy that reads films of any age, once by
dcmtk's storescu and once by STOW-RS, one after the other in the manifest's order, and waited for.

With `--json` the last line is one object: `films`, `as_expected` and `wrong` count files, and a
file is as expected if it is so by every door. Without it the table is for people. The exit code is
1 where a file is wrong.
"""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from core.errors import FirstReadError, SettingsError
from evaluation.expected_ends import Ended, as_expected, is_known
from evaluation.film_set_doors import Door, Storescu, Stow
from evaluation.film_set_house import FilmSetHouse

_LEAST_WIDTH: Final = 150
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of a manifest.

    Parameters
    ----------
    name
        As the manifest names it.
    path
        Where it is.
    expected
        What the manifest expects of it.
    """

    name: str
    path: Path
    expected: str


@dataclass(frozen=True, slots=True)
class Row:
    """How one file ended by each door.

    Parameters
    ----------
    listed
        The file.
    ends
        By the door's name.
    """

    listed: Listed
    ends: dict[str, Ended]

    @property
    def as_expected(self) -> bool:
        """Whether every door led to what the manifest expects."""
        return all(as_expected(self.listed.expected, ended) for ended in self.ends.values())


def read_manifest(folder: Path) -> list[Listed]:
    """List the DICOM files of a folder's manifest.

    Raises
    ------
    SettingsError
        If there is no manifest, a file is missing, or a word is not understood.
    """
    try:
        with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
            rows = [(row["file"], row["expected"].strip()) for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError) as error:
        message = f"{folder}: no MANIFEST.csv with the columns file and expected ({error})"
        raise SettingsError(message) from error
    listed = [
        Listed(name, folder / name, expected)
        for name, expected in rows
        if Path(name).suffix.lower() not in _PICTURES
    ]
    odd = [item.name for item in listed if not item.path.is_file()]
    odd += [f"{item.name} ({item.expected!r})" for item in listed if not is_known(item.expected)]
    if odd or not listed:
        message = f"{folder}: missing, or of an unknown expectation: {', '.join(odd) or 'all'}"
        raise SettingsError(message)
    return listed


def run(films: Sequence[Listed], doors: Sequence[Door], work: Path, *, quiet: bool) -> list[Row]:
    """Send every film by every door, each to an installation of its own.

    Parameters
    ----------
    films
        What is sent, in this order.
    doors
        By which doors.
    work
        An empty folder for the installations.
    quiet
        Show no progress.
    """
    ends: dict[str, dict[str, Ended]] = {item.name: {} for item in films}
    for door in doors:
        with FilmSetHouse(work / door.name, [item.path for item in films]) as house:
            for item in _shown(films, door.name, quiet=quiet):
                ends[item.name][door.name] = house.send(door, item.path)
    return [Row(item, ends[item.name]) for item in films]


def report(rows: Sequence[Row]) -> dict[str, object]:
    """Give the last line's object."""
    wrong = [row for row in rows if not row.as_expected]
    return {
        "films": len(rows),
        "as_expected": len(rows) - len(wrong),
        "wrong": len(wrong),
        "doors": sorted({door for row in rows for door in row.ends}),
        "wrong_films": {
            row.listed.name: {door: f"{e.end}: {e.reason}" for door, e in row.ends.items()}
            for row in wrong
        },
    }


def _shown(films: Sequence[Listed], door: str, *, quiet: bool) -> Iterator[Listed]:
    yield from track(films, door, console=Console(stderr=True), transient=True, disable=quiet)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="How each file ended")
    for heading in ("file", "expected", "door", "ended", "why", "as expected"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        for door, ended in row.ends.items():
            fits = as_expected(row.listed.expected, ended)
            why = "; ".join(filter(None, (ended.reason, ended.answer, *ended.remarks)))
            cells = (row.listed.name, row.listed.expected, door, ended.end, why)
            table.add_row(*cells, "yes" if fits else "NO")
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the set and print how it ended; give the exit code."""
    parser = argparse.ArgumentParser(prog="evaluation.film_set", description=__doc__)
    parser.add_argument("folder", type=Path, help="films and their MANIFEST.csv")
    parser.add_argument("--json", action="store_true", help="print JSON lines only")
    parser.add_argument(
        "--door", choices=("storescu", "stow"), action="append", help="default both"
    )
    options = parser.parse_args(arguments)
    wanted = options.door or ["storescu", "stow"]
    doors: list[Door] = [door for door in (Storescu(), Stow()) if door.name in wanted]
    try:
        films = read_manifest(options.folder)
        with tempfile.TemporaryDirectory(prefix="firstread-film-set-") as folder:
            rows = run(films, doors, Path(folder), quiet=options.json)
    except FirstReadError as error:
        print(f"film_set: {error}", file=sys.stderr)
        return 3
    if options.json:
        for row in rows:
            ends = {
                door: {"end": e.end, "answer": e.answer, "reason": e.reason, "remarks": e.remarks}
                for door, e in row.ends.items()
            }
            print(json.dumps({"file": row.listed.name, "expected": row.listed.expected} | ends))
    else:
        wide = Console()
        wide.width = max(wide.width, _LEAST_WIDTH)
        wide.print(_table(rows))
    last = report(rows)
    print(json.dumps(last))
    return 1 if last["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
