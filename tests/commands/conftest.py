"""Films that the commands are tried on."""

from pathlib import Path

import pytest

from training.phantom import View, sample
from training.phantom_dicom import FilmForm, write_film

_FORM = FilmForm("DX", "MONOCHROME1", 12, 512)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frontal phantom with a pneumothorax, stored as MONOCHROME1."""
    folder = tmp_path_factory.mktemp("film")
    truth = write_film(folder, sample(4_711, 0, findings=("pneumothorax",)), _FORM)
    return folder / str(truth["file"])


@pytest.fixture(scope="session")
def lateral(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lateral phantom, which must not be read."""
    folder = tmp_path_factory.mktemp("lateral")
    truth = write_film(folder, sample(4_711, 1, view=View.LATERAL), _FORM)
    return folder / str(truth["file"])
