"""A viewer that is not ours draws our box where the finding lies.

Covers: DICOMscope on a screen of its own, a small film at 1:1, the box compared with the finding
within two pixels, its size exactly. DICOMscope draws graphics two pixels nearer to the corner
than the image. Not covered: labels' letters, dashes (DICOMscope draws no line styles).
"""

from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from core.labels import Label
from core.reading import Box, Finding, Presence
from dicom_sr.build import encoded
from dicom_sr.context import BuildContext
from dicom_sr.elements import put
from dicom_sr.gsps import build_gsps
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import draft_of, make_reading
from tests.peers.dicomscope import Screen, shown

SIDE = 256
LEVEL = 24
"""Grey level of the film on the screen: no part of the viewer's window has it."""


def film_file(path: Path) -> None:
    film = film_header(Rows=SIDE, Columns=SIDE, WindowCenter="2048", WindowWidth="4096")
    put(film, "PixelData", np.full((SIDE, SIDE), 400, np.uint16).tobytes())
    film["PixelData"].VR = "OW"
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.file_meta.MediaStorageSOPClassUID = film.SOPClassUID
    film.file_meta.MediaStorageSOPInstanceUID = film.SOPInstanceUID
    film.save_as(path, implicit_vr=False, little_endian=True)


def lines(screen: Screen, axis: int, least: int) -> list[int]:
    """Give the columns (axis 0) or rows (axis 1) in which so many pixels are white."""
    return [int(one) for one in np.flatnonzero((screen == 255).sum(axis=axis) >= least)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "box", [Box(0.25, 0.5, 0.5, 0.8125), Box(0.625, 0.25, 0.875, 0.4375)], ids=["low", "right"]
)
def test_the_box_is_drawn_where_the_finding_lies(box: Box, tmp_path: Path) -> None:
    finding = Finding("", Label.LUNG_LESION, Presence.PRESENT, 0.875, boxes=(box,))
    reading = make_reading([finding])
    film_file(tmp_path / "film.dcm")
    gsps = build_gsps(
        reading, draft_of(reading), film_header(Rows=SIDE, Columns=SIDE), BuildContext()
    )
    (tmp_path / "state.dcm").write_bytes(encoded(gsps))
    with shown(tmp_path / "state.dcm", tmp_path / "film.dcm", tmp_path) as display:
        screen = display.wait_for_level(LEVEL, SIDE * SIDE // 2)
        rows, columns = np.nonzero(screen == LEVEL)
        top, left = int(rows.min()), int(columns.min())
        film = screen[top : top + SIDE, left : left + SIDE]
        assert (film == LEVEL).mean() > 0.9, "the film stands there at 1:1"
    wide, high = (box.x2 - box.x1) * SIDE, (box.y2 - box.y1) * SIDE
    upper, lower = lines(film, 1, round(0.95 * wide))
    first, last = lines(film, 0, round(0.95 * high))
    found = np.array([first, upper, last, lower])
    expected = np.array([box.x1, box.y1, box.x2, box.y2]) * SIDE
    assert np.abs(found - expected).max() <= 2
    assert (last - first, lower - upper) == (wide, high)
