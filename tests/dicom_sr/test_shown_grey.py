"""What another viewer shows under our presentation state is what was looked at.

Covers, through dcmtk's dcmp2pgm: real films and films whose header names useless windows, in both
polarities, signed, rescaled and through tables. Not covered: pixels that are not square, which
dcmp2pgm does not stretch; films in colour, which have no presentation state.
"""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.grey_scale import GreyScale, LookupTable, Rescale, Window
from dicom_sr.build import encoded
from dicom_sr.context import BuildContext
from dicom_sr.gsps import build_gsps
from imaging.film import load_film
from tests.dicom_sr.headers import lut_item
from tests.dicom_sr.readings import NO_FINDING, draft_of
from tests.imaging import making
from tests.peers.programs import program

REAL = (
    "derived/cr_pa_mono1_15bit_explicit_le.dcm",
    "derived/cr_ap_8bit_burned_in_text.dcm",
    "derived/dx_pa_signed_two_windows.dcm",
    "derived/dx_pa_voi_lut_sequence.dcm",
    "derived/dx_pa_10bit_garbage_highbits.dcm",
)
UIDS = {
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
    "PatientName": "Doe^Jane",
    "PatientID": "PID-1",
}
USELESS: dict[str, dict[str, Any]] = {
    "of sixteen bits": {"WindowCenter": "32768", "WindowWidth": "65536"},
    "of forty values": {"WindowCenter": "2048", "WindowWidth": "40"},
    "far above": {"WindowCenter": "60000", "WindowWidth": "100"},
    "of width 0": {"WindowCenter": "2048", "WindowWidth": "0"},
    "none": {},
    "the second is good": {"WindowCenter": ["60000", "2048"], "WindowWidth": ["9", "4096"]},
    "of sixteen bits, the other polarity": {
        "WindowCenter": "32768",
        "WindowWidth": "65536",
        "PhotometricInterpretation": "MONOCHROME1",
    },
    "of sixteen bits, rescaled": {
        "WindowCenter": "32768",
        "WindowWidth": "65536",
        "RescaleSlope": "-0.5",
        "RescaleIntercept": "100",
    },
    "of sixteen bits, after a table": {
        "WindowCenter": "32768",
        "WindowWidth": "65536",
        "ModalityLUTSequence": [lut_item("ModalityLUTType")],
    },
    "half a rescale": {"WindowCenter": "2048", "WindowWidth": "4096", "RescaleSlope": "0.001"},
    "of an exact line": {
        "WindowCenter": "2000",
        "WindowWidth": "3000",
        "VOILUTFunction": "LINEAR_EXACT",
    },
    "a table of fewer bits than it says": {
        "VOILUTSequence": [lut_item(LUTDescriptor=[4096, 0, 16])]
    },
}


def shown_by_dcmtk(film: Path, header: Dataset, used: GreyScale | None) -> NDArray[np.uint8]:
    reading = NO_FINDING
    gsps = build_gsps(reading, draft_of(reading), header, BuildContext(), voi=used)
    state, target = film.with_name("state.dcm"), film.with_name("shown.pgm")
    state.write_bytes(encoded(gsps))
    files = [state, film, target]
    subprocess.run([program("dcmp2pgm", "dcmtk"), "-p", *files], check=True, timeout=60)
    return np.asarray(Image.open(target))


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("name", REAL)
def test_real_films(name: str, real_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes((real_data / name).read_bytes())
    film = load_film(path)
    header = dcmread(path, stop_before_pixels=True)
    assert difference(shown_by_dcmtk(path, header, film.grey_scale), film.pixels) <= 1


@pytest.mark.parametrize("values", USELESS.values(), ids=USELESS)
def test_films_with_useless_windows(values: dict[str, Any], tmp_path: Path) -> None:
    path = making.film(tmp_path / "film.dcm", **(UIDS | values))
    film = load_film(path)
    header = dcmread(path, stop_before_pixels=True)
    assert difference(shown_by_dcmtk(path, header, film.grey_scale), film.pixels) <= 1
    assert film.pixels.std() > 40, "something is to be seen"


@pytest.mark.parametrize("name", ["of sixteen bits", "of forty values", "far above"])
def test_the_headers_own_window_would_not_show_them(name: str, tmp_path: Path) -> None:
    path = making.film(tmp_path / "film.dcm", **(UIDS | USELESS[name]))
    header = dcmread(path, stop_before_pixels=True)
    assert difference(shown_by_dcmtk(path, header, None), load_film(path).pixels) > 30


def test_signed_values(tmp_path: Path) -> None:
    pixels = (making.smooth().astype(np.int32) - 2048).astype(np.int16)
    path = making.film(tmp_path / "film.dcm", pixels, WindowWidth="1", WindowCenter="9000", **UIDS)
    film = load_film(path)
    header = dcmread(path, stop_before_pixels=True)
    assert difference(shown_by_dcmtk(path, header, film.grey_scale), film.pixels) <= 1


def test_what_was_used_is_written() -> None:
    header = making.dataset(**(UIDS | USELESS["of sixteen bits"]))
    reading = NO_FINDING

    def state(voi: GreyScale | None) -> Dataset:
        return build_gsps(reading, draft_of(reading), header, BuildContext(), voi=voi)

    used = state(GreyScale(Rescale(2.0, -5.0), Window(100.0, 50.0, "SIGMOID")))
    (window,) = used.SoftcopyVOILUTSequence
    assert (window.WindowCenter, window.WindowWidth) == (100, 50)
    assert window.VOILUTFunction == "SIGMOID"
    assert (used.RescaleSlope, used.RescaleIntercept) == (2, -5)
    exact = state(GreyScale(None, Window(100.0, 50.0, "LINEAR_EXACT")))
    (window,) = exact.SoftcopyVOILUTSequence
    assert (window.WindowCenter, window.WindowWidth) == (100.5, 51)
    assert "VOILUTFunction" not in window
    assert "RescaleSlope" not in exact
    table = state(GreyScale(None, LookupTable(0, 2, (0, 1, 2, 3))))
    (item,) = table.SoftcopyVOILUTSequence[0].VOILUTSequence
    assert list(item.LUTDescriptor) == [4, 0, 16]
    assert np.frombuffer(item.LUTData, "<u2").tolist() == [0, 21845, 43690, 65535]
    (own,) = state(None).SoftcopyVOILUTSequence
    assert (own.WindowCenter, own.WindowWidth) == (32768, 65536)
