"""The studies of a day: how many in which hour, and of what they consist."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import FileDataset
from pydicom.filereader import dcmread
from pydicom.uid import generate_uid

from training.phantom import View
from training.phantom_dicom import write_films

HOURS: Final = (
    *(4, 3, 3, 3, 4, 8, 30, 110, 210, 300, 240, 150),
    *(110, 120, 90, 50, 25, 12, 8, 6, 5, 4, 3, 2),
)
"""Studies that come in each hour of a day: 1,500 in all and 300 in the busiest, which is the load
that MONAI Deploy's informatics gateway names as its reference."""
_KINDS: Final = (("frontal",), ("frontal", "lateral"), ("frontal", "frontal"))
_SHARES: Final = (0.7, 0.2, 0.1)
_VIEWS: Final = {"frontal": None, "lateral": View.LATERAL}
_SEEDS: Final = {"frontal": 90_001, "lateral": 90_002}


def hours(studies: int) -> list[int]:
    """Spread so many studies over the hours of a day as `HOURS` does."""
    shares = np.cumsum(HOURS) / sum(HOURS)
    upto = np.rint(shares * studies).astype(int)
    return [int(count) for count in np.diff(upto, prepend=0)]


class Department:
    """Makes studies of phantom films; each of a patient of its own.

    Parameters
    ----------
    folder
        A new folder for its templates and for the studies that are under way.
    seed
        Of the studies' kinds.
    frontals, laterals
        How many different films of each view there are.
    """

    def __init__(self, folder: Path, seed: int, *, frontals: int = 24, laterals: int = 4) -> None:
        self._folder = folder
        self._rng = np.random.default_rng(seed)
        self._made = 0
        self._templates = {
            kind: _templates(folder / kind, kind, count)
            for kind, count in (("frontal", frontals), ("lateral", laterals))
        }

    def studies(self, count: int) -> Iterator[list[Path]]:
        """Give so many studies, each as the files of its films; whoever takes one removes it."""
        for _ in range(count):
            yield self._study()

    def _study(self) -> list[Path]:
        self._made += 1
        study_uid = generate_uid(None)
        return [
            self._film(kind, study_uid) for kind in _KINDS[self._rng.choice(len(_KINDS), p=_SHARES)]
        ]

    def _film(self, kind: str, study_uid: str) -> Path:
        templates = self._templates[kind]
        film = templates[self._rng.integers(len(templates))]
        film.StudyInstanceUID = study_uid
        film.SeriesInstanceUID = generate_uid(None)
        film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = generate_uid(None)
        film.PatientID = f"DAY-{self._made:05d}"
        path = self._folder / f"{film.SOPInstanceUID}.dcm"
        film.save_as(path, enforce_file_format=True)
        return path


def _templates(folder: Path, kind: str, count: int) -> list[FileDataset]:
    made = write_films(folder, count, _SEEDS[kind], view=_VIEWS[kind])
    return [dcmread(folder / str(one["file"])) for one in made]
