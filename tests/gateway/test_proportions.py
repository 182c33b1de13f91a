"""One proportion of a film everywhere: what the model sees, presentation states, pictures.

A presentation state that states another one shows every mark elsewhere than the model saw it.
"""

from pathlib import Path
from typing import Any

import pytest

from core.reading import Reading
from core.states import ResultKind
from dicom_sr.build import build_all
from dicom_sr.context import BuildContext
from gateway.pictures import FilmPicture
from imaging.film import load_film
from imaging.header import read_header
from tests.dicom_sr.readings import TOLD, draft_of
from tests.imaging.making import film

ROWS, COLUMNS = 96, 80
IDENTITY: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1",
    "SOPInstanceUID": "1.2.3.4.1",
    "StudyInstanceUID": "1.2.3.4.2",
    "SeriesInstanceUID": "1.2.3.4.3",
}


@pytest.mark.parametrize(
    ("values", "ratio"),
    [
        ({"ImagerPixelSpacing": [0.2, 0.2], "PixelAspectRatio": [2, 1]}, 1.0),
        ({"PixelAspectRatio": [5, 1]}, 1.0),
        ({"PixelAspectRatio": [3, 2]}, 1.5),
        ({"PixelSpacing": [0.2], "ImagerPixelSpacing": [0.2, 0.1]}, 1.0),
        ({"PixelSpacing": [0.2, 0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.1]}, 1.0),
        ({"PixelSpacing": [0.2, 0.1998]}, 1.0),
        ({"PixelSpacing": [0.0, 0.0], "ImagerPixelSpacing": [0.2, 0.1]}, 2.0),
        ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.1]}, 1.0),
        ({"NominalScannedPixelSpacing": [0.2, 0.1]}, 2.0),
        ({"ImagerPixelSpacing": [0.1, 0.3]}, 1 / 3),
    ],
)
def test_model_state_and_picture_have_one_proportion(
    values: dict[str, Any], ratio: float, tmp_path: Path
) -> None:
    path = film(tmp_path / "film.dcm", **IDENTITY, **values)
    height, width = load_film(path).pixels.shape
    assert height / width * COLUMNS / ROWS == pytest.approx(ratio, rel=0.02)
    header = read_header(path)
    reading: Reading = TOLD
    picture = FilmPicture(path, maximum_pixels=10**8, font=None).drawn(
        reading, BuildContext(), header
    )
    assert picture.film_height / picture.film_width == pytest.approx(height / width, rel=0.02)
    state = build_all(reading, draft_of(reading), header, BuildContext())[ResultKind.GSPS]
    down, across = state.DisplayedAreaSelectionSequence[0].PresentationPixelAspectRatio
    assert down / across == pytest.approx(ratio)
