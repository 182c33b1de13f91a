"""The eight objects of the demo, and how each should end."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from training.phantom import View, sample
from training.phantom_dicom import FilmForm, write_film

_SEED = 20_261
"""A series that no training stage draws from."""
_KEPT_OF_BROKEN = 0.6


class Ending(StrEnum):
    """How an object may end; the values are those of the film's state where it has one."""

    READ = "read"
    NOT_READ = "not_read"
    QUARANTINED = "quarantined"
    SAME = "same"
    """Answered with success, and nothing new stored."""


@dataclass(frozen=True, slots=True)
class Actor:
    """One object as it is sent.

    Parameters
    ----------
    name
        Its part.
    path, uid
        Its file and SOP Instance UID.
    truth
        What it shows, in words.
    asked
        How it should end.
    """

    name: str
    path: Path
    uid: str
    truth: str
    asked: Ending


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    form: FilmForm
    findings: tuple[str, ...] = ()
    view: View = View.PA
    asked: Ending = Ending.READ


_FILMS = (
    _Part("normal", FilmForm("DX", "MONOCHROME2", 12, 1280)),
    _Part("collapsed lung", FilmForm("CR", "MONOCHROME1", 15, 1536), ("pneumothorax",)),
    _Part(
        "bedside",
        FilmForm("DX", "MONOCHROME2", 14, 1024),
        ("cardiomegaly", "pleural effusion", "support devices"),
        View.AP,
    ),
    _Part("infiltrate", FilmForm("CR", "MONOCHROME2", 10, 1024), ("consolidation",)),
    _Part("large film", FilmForm("DX", "MONOCHROME1", 16, 2500), ("lung lesion",)),
    _Part("lateral", FilmForm("DX", "MONOCHROME2", 12, 1024), (), View.LATERAL, Ending.NOT_READ),
)
_BROKEN = _Part(
    "broken", FilmForm("CR", "MONOCHROME2", 12, 1024), ("edema",), asked=Ending.QUARANTINED
)


def write_cast(folder: Path) -> list[Actor]:
    """Write the eight objects into a folder and give them in the order of sending."""
    films = [_film(folder, index, part) for index, part in enumerate(_FILMS)]
    first = films[0]
    again = Actor("normal, sent again", first.path, first.uid, first.truth, Ending.SAME)
    return [*films, again, _broken(folder, len(_FILMS))]


def _film(folder: Path, index: int, part: _Part) -> Actor:
    phantom = sample(_SEED, index, findings=part.findings, view=part.view)
    film = write_film(folder, phantom, part.form)
    truth = ", ".join(part.findings) or "nothing abnormal"
    return Actor(part.name, folder / film["file"], film["sop_instance_uid"], truth, part.asked)


def _broken(folder: Path, index: int) -> Actor:
    """Cut a film off in the midst of its pixels, as a link that breaks does."""
    whole = _film(folder, index, _BROKEN)
    content = whole.path.read_bytes()
    whole.path.write_bytes(content[: int(len(content) * _KEPT_OF_BROKEN)])
    return whole
