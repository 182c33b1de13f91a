"""Writes synthetic films and their truth."""

from pathlib import Path

from commands.output import console, print_json, printable
from core.errors import SettingsError
from training.findings import LABELS
from training.phantom_dicom import write_films


def phantom(out: Path, count: int, seed: int, findings: list[str], *, as_json: bool) -> None:
    """Write `count` films into a folder.

    Raises
    ------
    SettingsError
        If no phantom shows such a finding; the text lists those that it can show.
    """
    films = write_films(out, count, seed, findings=[_label(name) for name in findings] or None)
    if as_json:
        print_json({"out": str(out), "seed": seed, "films": films})
    else:
        console().print(f"{len(films)} films and their truth are in {printable(out)}")


def _label(name: str) -> str:
    label = name.strip().lower().replace("_", " ").replace("-", " ")
    if label not in LABELS:
        message = f"no phantom shows {name!r}; it can show: {', '.join(LABELS)}"
        raise SettingsError(message)
    return label
