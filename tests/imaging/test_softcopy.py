"""Films in the grey scale of a presentation state, and pictures in colour.

Covers: windows, tables, inversion and presentation tables against dcmtk's own rendering of the same
state, within one grey level; which film a window is for; padding; what is refused; colour as RGB
and as YBR. Not covered: rotation, displayed area and shutters, which are not applied; windows of
shape SIGMOID, which dcmtk shows as linear.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import convert_color_space

from core.errors import NotReadError, UnreadableObjectError
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from imaging.capture import load_capture
from imaging.softcopy import load_softcopy
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import NO_FINDING, draft_of
from tests.imaging.making import film, smooth
from tests.peers.programs import program


def table(entries: list[int], first: int = 0, bits: int = 16) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "OW", np.array(entries, dtype="<u2").tobytes())
    return item


def _as_made(state: Dataset) -> None:
    assert state.SoftcopyVOILUTSequence


def _narrow_window(state: Dataset) -> None:
    state.SoftcopyVOILUTSequence[0].WindowCenter = "1500"
    state.SoftcopyVOILUTSequence[0].WindowWidth = "900"


def _rescaled(state: Dataset) -> None:
    state.RescaleSlope, state.RescaleIntercept, state.RescaleType = "2", "-100", "US"
    state.SoftcopyVOILUTSequence[0].WindowCenter = "3000"
    state.SoftcopyVOILUTSequence[0].WindowWidth = "5000"


def _voi_table(state: Dataset) -> None:
    item = Dataset()
    item.VOILUTSequence = [table([65535 * value**2 // 4095**2 for value in range(4096)])]
    state.SoftcopyVOILUTSequence = [item]


def _inverse(state: Dataset) -> None:
    state.PresentationLUTShape = "INVERSE"


def _presentation_table(state: Dataset) -> None:
    del state.PresentationLUTShape
    made = table([65535 - 65535 * value**2 // 4095**2 for value in range(4096)])
    state.PresentationLUTSequence = [made]


def _no_voi(state: Dataset) -> None:
    del state.SoftcopyVOILUTSequence


@pytest.mark.parametrize(
    "change",
    [
        _as_made,
        _narrow_window,
        _rescaled,
        _voi_table,
        _inverse,
        _presentation_table,
        _no_voi,
    ],
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_dcmtk_renders_the_same(
    tmp_path: Path, change: Callable[[Dataset], None], photometric: str
) -> None:
    picture = smooth(96, 80)
    path = film(
        tmp_path / "film.dcm",
        picture,
        PhotometricInterpretation=photometric,
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.9",
    )
    header = film_header(
        Rows=96,
        Columns=80,
        SOPInstanceUID="1.2.3.4",
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.9",
        PhotometricInterpretation=photometric,
        ImagerPixelSpacing=None,
    )
    made = build_all(NO_FINDING, draft_of(NO_FINDING), header, BuildContext())
    state_path = tmp_path / "state.dcm"
    state_path.write_bytes(encoded(made[ResultKind.GSPS]))
    state = dcmread(state_path)
    change(state)
    state.save_as(state_path)
    shown = tmp_path / "shown.pgm"
    subprocess.run(
        [program("dcmp2pgm", "dcmtk"), "-p", state_path, path, shown],
        check=True,
        capture_output=True,
        timeout=60,
    )
    theirs = np.asarray(Image.open(shown)).astype(int)
    ours = load_softcopy(path, dcmread(state_path)).pixels.astype(int)
    assert ours.shape == theirs.shape
    assert np.ptp(ours) > 100
    assert np.abs(ours - theirs).max() <= 1


def voi(center: int, width: int, *films: str) -> Dataset:
    item = Dataset()
    item.WindowCenter, item.WindowWidth = str(center), str(width)
    if films:
        item.ReferencedImageSequence = [Dataset() for _ in films]
        for image, uid in zip(item.ReferencedImageSequence, films, strict=True):
            image.ReferencedSOPInstanceUID = uid
    return item


def test_the_window_is_the_one_for_this_film(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm")
    state, other = Dataset(), Dataset()
    state.SoftcopyVOILUTSequence = [voi(100, 100, "1.2.9"), voi(2000, 3000, "1.2.3.4")]
    other.SoftcopyVOILUTSequence = [voi(2000, 3000)]
    assert np.array_equal(load_softcopy(path, state).pixels, load_softcopy(path, other).pixels)


def test_padding_is_black(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", PixelPaddingValue=4095)
    state = Dataset()
    state.PresentationLUTShape = "IDENTITY"
    shown = load_softcopy(path, state).pixels
    assert (shown[smooth() == 4095] == 0).all()
    assert (shown[smooth() == 4000] > 200).all()


def test_an_unusable_table_is_said(tmp_path: Path) -> None:
    state = Dataset()
    state.PresentationLUTSequence = [table([], 0, 99)]
    with pytest.raises(UnreadableObjectError, match="grey scale cannot be used"):
        load_softcopy(film(tmp_path / "film.dcm"), state)


def colours() -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    picture = np.zeros((70, 80, 3), dtype=np.uint8)
    picture[..., 0], picture[..., 1] = 200, np.arange(80)
    return picture


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_colour_is_red_green_and_blue(tmp_path: Path, photometric: str) -> None:
    stored = (
        colours() if photometric == "RGB" else convert_color_space(colours(), "RGB", "YBR_FULL")
    )
    path = film(
        tmp_path / "colour.dcm",
        stored,
        SamplesPerPixel=3,
        PhotometricInterpretation=photometric,
        PlanarConfiguration=0,
    )
    assert np.abs(load_capture(path).astype(int) - colours()).max() <= 2


def test_what_is_not_shown_is_said(tmp_path: Path) -> None:
    grey = film(tmp_path / "grey.dcm")
    with pytest.raises(NotReadError, match="not shown"):
        load_capture(grey)
    colour = film(
        tmp_path / "colour.dcm",
        colours(),
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
    )
    with pytest.raises(NotReadError, match="no plain grey film"):
        load_softcopy(colour, Dataset())
