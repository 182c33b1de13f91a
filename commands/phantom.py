"""Writes synthetic films and their truth."""

from pathlib import Path

from commands.output import console, print_json
from core.errors import SettingsError
from core.labels import Label
from training.phantom_dicom import write_films


def phantom(out: Path, count: int, seed: int, findings: list[str], *, as_json: bool) -> None:
    """Write `count` films into a folder.

    Raises
    ------
    SettingsError
        If a finding is no label; the text lists the labels.
    """
    films = write_films(out, count, seed, findings=[_label(name) for name in findings] or None)
    if as_json:
        print_json({"out": str(out), "seed": seed, "films": films})
    else:
        console().print(f"{len(films)} films and their truth are in {out}")


def _label(name: str) -> Label:
    try:
        return Label(name.strip().lower().replace("_", " ").replace("-", " "))
    except ValueError:
        known = ", ".join(Label)
        message = f"no label {name!r}; the labels are: {known}"
        raise SettingsError(message) from None
