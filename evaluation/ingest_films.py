"""Films to be sent in numbers: as large as a digital X-ray room's, each of its own patient."""

from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from training.phantom import sample
from training.phantom_dicom import FilmForm, film_dataset

_SEED: Final = 60_606
_FORM: Final = FilmForm("DX", "MONOCHROME2", 14, 2500)
_ROWS, _COLUMNS = 2500, 2048
_STRIDE: Final = 37


def write_films(folder: Path, count: int, when: datetime) -> list[Path]:
    """Write DX films of 2500 x 2048 pixels of 16 bits, about 10 MB each.

    One phantom is drawn; each film holds it shifted by another number of rows, so that no two
    have the same pixels.

    Parameters
    ----------
    folder
        Where; made if it is missing.
    count
        How many.
    when
        Date and time of the studies, in the room's own time.

    Returns
    -------
    list of Path
        Their files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = np.rint(sample(_SEED, 0).render(_COLUMNS, _ROWS) * (2**_FORM.bits - 1)).astype("<u2")
    small = FilmForm(_FORM.modality, _FORM.photometric, _FORM.bits, 64)
    paths = []
    for index in range(count):
        film = film_dataset(sample(_SEED, index), small, when)
        film.Rows, film.Columns = _ROWS, _COLUMNS
        film.PixelData = np.roll(drawn, _STRIDE * index, axis=0).tobytes()
        path = folder / f"film-{index:04d}.dcm"
        film.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths
