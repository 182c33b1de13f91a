"""Films of multi-frame classes: transformations out of functional groups, and their precedence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import MultiFrameGrayscaleWordSecondaryCaptureImageStorage

from imaging.film import load_film
from imaging.frame_groups import with_frame_groups
from tests.imaging.making import dataset, film, save, smooth

PER_FRAME = "PerFrameFunctionalGroupsSequence"
SHARED = "SharedFunctionalGroupsSequence"


def item(**values: Any) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def grouped(**holders: Dataset) -> Dataset:
    made = dataset(SOPClassUID=MultiFrameGrayscaleWordSecondaryCaptureImageStorage)
    made.NumberOfFrames = 1
    for keyword, holder in holders.items():
        setattr(made, keyword, Sequence([holder]))
    return made


def voi(center: int, width: int) -> Dataset:
    window = item(WindowCenter=str(center), WindowWidth=str(width), VOILUTFunction="LINEAR_EXACT")
    return item(FrameVOILUTSequence=Sequence([window]))


def test_a_picture_without_groups_is_left_alone() -> None:
    made = dataset()
    assert with_frame_groups(made) is made


def test_groups_are_the_frames_own_before_those_of_all() -> None:
    shared = voi(1000, 100)
    rescale = item(RescaleSlope="2", RescaleIntercept="5")
    shared.PixelValueTransformationSequence = Sequence([rescale])
    shared.PixelMeasuresSequence = Sequence([item(PixelSpacing=[0.3, 0.1])])
    made = grouped(**{PER_FRAME: voi(2000, 200), SHARED: shared})
    found = with_frame_groups(made)
    assert (found.WindowCenter, found.WindowWidth) == (2000, 200)
    assert found.VOILUTFunction == "LINEAR_EXACT"
    assert (found.RescaleSlope, found.RescaleIntercept) == (2, 5)
    assert found.PixelSpacing == [0.3, 0.1]
    assert "WindowCenter" not in made


def test_what_stands_on_top_wins() -> None:
    made = grouped(**{SHARED: voi(1000, 100)})
    made.WindowCenter, made.WindowWidth = "5", "6"
    found = with_frame_groups(made)
    assert (found.WindowCenter, found.WindowWidth) == (5, 6)
    assert "VOILUTFunction" not in found


@pytest.mark.parametrize("holder", [PER_FRAME, SHARED])
def test_the_film_is_shown_through_its_groups(tmp_path: Path, holder: str) -> None:
    path = save(grouped(**{holder: voi(1500, 1000)}), tmp_path / "film.dcm")
    plain = load_film(
        film(
            tmp_path / "plain.dcm",
            WindowCenter="1500",
            WindowWidth="1000",
            VOILUTFunction="LINEAR_EXACT",
        )
    )
    loaded = load_film(path)
    np.testing.assert_array_equal(loaded.pixels, plain.pixels)
    assert loaded.remarks == ()
    assert loaded.pixels.shape == smooth().shape


@pytest.mark.parametrize("values", [{PER_FRAME: None}, {SHARED: Sequence([])}])
def test_empty_groups_say_nothing(values: dict[str, Any]) -> None:
    made = grouped()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    assert with_frame_groups(made) is made
