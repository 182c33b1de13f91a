"""Covers phantoms as DICOM: valid by dciodvfy, exact pixels in every form, the same from the seed.

The films are small: full size takes long and the code knows no other path for it.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pytest

from tests.peers.dicom3tools import dciodvfy
from training.phantom import View, sample
from training.phantom_dicom import FilmForm, drawn_form, film_dataset, write_film, write_films

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FORMS = [
    FilmForm(modality, photometric, bits, 160)
    for modality, bits in (("CR", 10), ("CR", 15), ("DX", 12), ("DX", 16))
    for photometric in ("MONOCHROME1", "MONOCHROME2")
]


def shown(film: pydicom.Dataset) -> npt.NDArray[np.float64]:
    """Apply the window and the polarity: 0 for black, 1 for white."""
    low = float(film.WindowCenter) - 0.5 - (float(film.WindowWidth) - 1) / 2
    grey = (film.pixel_array.astype(np.float64) - low) / (float(film.WindowWidth) - 1)
    return 1 - grey if film.PhotometricInterpretation == "MONOCHROME1" else grey


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_dciodvfy_finds_no_error(form: FilmForm, view: View, tmp_path: Path) -> None:
    truth = write_film(tmp_path, sample(5, 3, view=view), form, WHEN)
    assert dciodvfy(tmp_path / str(truth["file"])) == []


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_pixels_are_the_rendered_film(form: FilmForm) -> None:
    phantom = sample(5, 4)
    film = film_dataset(phantom, form, WHEN)
    wide, tall = int(film.Columns), int(film.Rows)
    assert max(wide, tall) == 160
    assert wide / tall == pytest.approx(phantom.aspect, abs=0.02)
    assert int(film.pixel_array.max()) < 2**form.bits
    step = 1 / (0.8 * 2**form.bits)
    assert np.abs(shown(film) - phantom.render(wide, tall)).max() <= step


def test_a_series_is_the_same_from_its_seed(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "count": 2,
        "seed": 11,
        "findings": ["edema"],
        "long_side": 200,
        "when": WHEN,
    }
    truths = write_films(tmp_path / "a", **arguments)
    assert truths == write_films(tmp_path / "b", **arguments)
    for one in (tmp_path / "a").iterdir():
        assert one.read_bytes() == (tmp_path / "b" / one.name).read_bytes()
    assert "edema" in truths[0]["labels"]


def test_the_truth_stands_beside_its_film(tmp_path: Path) -> None:
    truth = write_film(tmp_path, sample(7, 1), FilmForm("DX", "MONOCHROME2", 12, 120), WHEN)
    film = pydicom.dcmread(tmp_path / str(truth["file"]))
    beside = json.loads((tmp_path / "phantom-7-00001.json").read_text(encoding="utf-8"))
    assert beside == truth
    assert beside["sop_instance_uid"] == film.SOPInstanceUID
    assert beside["study_instance_uid"] == film.StudyInstanceUID
    assert (beside["columns"], beside["rows"]) == (film.Columns, film.Rows)


@pytest.mark.parametrize(
    ("view", "position", "orientation"),
    [(View.PA, "PA", ["L", "F"]), (View.AP, "AP", ["L", "F"]), (View.LATERAL, "LL", ["P", "F"])],
)
def test_tags_say_how_the_film_was_taken(view: View, position: str, orientation: list[str]) -> None:
    film = film_dataset(sample(7, 2, view=view), FilmForm("CR", "MONOCHROME2", 10, 64), WHEN)
    assert film.ViewPosition == position
    assert list(film.PatientOrientation) == orientation
    assert film.BodyPartExamined == "CHEST"
    assert film.StudyDate == "20260304"


def test_every_film_has_uids_of_its_own() -> None:
    form = FilmForm("CR", "MONOCHROME2", 10, 16)
    films = [film_dataset(sample(seed, i), form, WHEN) for seed in (1, 2) for i in range(3)]
    films.append(film_dataset(sample(1, 0, view=View.LATERAL), form, WHEN))
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert len({film[keyword].value for film in films}) == len(films)


def test_a_series_has_many_forms() -> None:
    forms = [drawn_form(sample(1, index)) for index in range(40)]
    assert {form.modality for form in forms} == {"CR", "DX"}
    assert {form.photometric for form in forms} == {"MONOCHROME1", "MONOCHROME2"}
    assert {form.bits for form in forms} == {10, 12, 14, 15, 16}
    assert len({form.long_side for form in forms}) >= 4


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (("MR", "MONOCHROME2", 12, 64), "'MR'"),
        (("CR", "RGB", 12, 64), "'RGB'"),
        (("CR", "MONOCHROME2", 7, 64), "8 to 16 bits, not 7"),
        (("CR", "MONOCHROME2", 12, 0), "0 pixels"),
    ],
)
def test_a_form_that_is_none_is_refused(form: tuple[str, str, int, int], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        FilmForm(*form)


def test_a_negative_count_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="-1 films"):
        write_films(tmp_path, -1, 0)
