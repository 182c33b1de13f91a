"""The secondary capture: what it says of itself, of its source, and how large its pixels are.

Covers: modules, derivation, spacing in every form that headers have, loss, and through dcmtk that
the pixels are the picture's. What is drawn is tests/imaging/test_overlay's; all odd headers are
tests/conformance's.
"""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000, UID, JPEG2000Lossless, JPEGBaseline8Bit

from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.picture import Picture
from dicom_sr.secondary_capture import build_secondary_capture
from tests.dicom_sr.headers import COLUMNS, NASTY, ROWS, film_header
from tests.dicom_sr.pictures import picture
from tests.dicom_sr.readings import DEMO, ORDINARY, READINGS, draft_of
from tests.peers.programs import program
from tests.peers.validators import complaints

SHARE = ROWS / 512
"""Pixels of the film to one of the picture."""


def built(pixels: Picture | None = None, **header: Any) -> Dataset:
    shown = pixels or picture()
    return build_secondary_capture(
        ORDINARY, draft_of(ORDINARY), film_header(**header), BuildContext(), shown
    )


def test_what_it_says_of_itself() -> None:
    capture = built()
    assert capture.ConversionType == "WSD"
    assert capture.BurnedInAnnotation == "YES"
    assert list(capture.ImageType)[:2] == ["DERIVED", "SECONDARY"]
    assert (capture.Modality, capture.BodyPartExamined) == ("OT", "CHEST")
    assert list(capture.PatientOrientation) == ["L", "F"]
    assert "not for diagnosis" in capture.DerivationDescription
    assert "AI draft" in capture.DerivationDescription
    assert capture.DerivationCodeSequence[0].CodeValue == "113085"


def test_its_source_is_the_film() -> None:
    (source,) = built().SourceImageSequence
    header = film_header()
    assert source.ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert source.ReferencedSOPClassUID == header.SOPClassUID
    assert source.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    assert built().StudyInstanceUID == header.StudyInstanceUID


def test_a_demonstration_says_so() -> None:
    capture = build_secondary_capture(
        DEMO, draft_of(DEMO), film_header(), BuildContext(), picture()
    )
    assert "DEMO MODEL" in capture.ImageComments


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({}, {"PixelSpacing": 0.2, "ImagerPixelSpacing": 0.2}),
        (
            {"PixelSpacing": ["0.2", "0.2"]},
            {"PixelSpacing": 0.2, "ImagerPixelSpacing": 0.2},
        ),
        (
            {"ImagerPixelSpacing": None, "PixelSpacing": ["0.15", "0.15"]},
            {"PixelSpacing": 0.15},
        ),
        (
            {"PixelSpacing": ["0.18", "0.18"], "PixelSpacingCalibrationType": "GEOMETRY"},
            {"PixelSpacing": 0.18, "ImagerPixelSpacing": 0.2},
        ),
        (
            {"PixelSpacing": ["0.18", "0.18"]},
            {"PixelSpacing": 0.2, "ImagerPixelSpacing": 0.2},
        ),
        (
            {"ImagerPixelSpacing": None, "NominalScannedPixelSpacing": ["0.17", "0.17"]},
            {"NominalScannedPixelSpacing": 0.17},
        ),
        ({"ImagerPixelSpacing": None}, {}),
        ({"ImagerPixelSpacing": ["0", "0"]}, {}),
        ({"ImagerPixelSpacing": ["1", "1"]}, {}),
        ({"ImagerPixelSpacing": ["0.001", "0.001"]}, {}),
        ({"ImagerPixelSpacing": ["-0.2", "0.2"]}, {}),
        ({"ImagerPixelSpacing": ["0.2", "0.1"]}, {}),
        ({"ImagerPixelSpacing": "wide"}, {}),
    ],
    ids=[
        "of the detector",
        "the same twice",
        "of the image alone",
        "calibrated",
        "two, and nobody says why",
        "scanned",
        "not stated",
        "0",
        "1",
        "of a stamp",
        "negative",
        "of another shape than the picture",
        "words",
    ],
)
def test_spacing_is_the_films_and_never_invented(
    header: dict[str, Any], expected: dict[str, float]
) -> None:
    capture = built(**header)
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        if keyword in expected:
            wanted = expected[keyword] * SHARE
            assert list(capture[keyword].value) == pytest.approx([wanted, wanted], rel=1e-3)
        else:
            assert keyword not in capture
    calibrated = "PixelSpacingCalibrationType" in header
    assert ("PixelSpacingCalibrationType" in capture) == calibrated
    assert ("PixelSpacingCalibrationDescription" in capture) == calibrated


def test_pixels_that_were_squared_have_square_spacing() -> None:
    """Stored pixels twice as high as wide: a picture twice as high for its columns."""
    shown = picture(1024, 440)
    capture = built(shown, ImagerPixelSpacing=["0.2", "0.1"])
    down, across = capture.PixelSpacing
    assert down == pytest.approx(0.2 * ROWS / 1024, rel=1e-3)
    assert across == pytest.approx(0.1 * COLUMNS / 440, rel=1e-3)
    assert down == pytest.approx(across, rel=1e-3)


def test_strips_do_not_change_the_spacing() -> None:
    narrow, wide = built(picture(strips=0)), built(picture(strips=200))
    assert narrow.PixelSpacing == wide.PixelSpacing
    assert wide.Rows == 512 + 400


@pytest.mark.parametrize(
    ("header", "syntax", "expected"),
    [
        ({}, None, "00"),
        ({}, JPEG2000Lossless, "00"),
        ({"LossyImageCompression": "00"}, None, "00"),
        (
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionRatio": ["12.5"],
                "LossyImageCompressionMethod": ["ISO_10918_1"],
            },
            None,
            "01",
        ),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "much"}, None, "01"),
        ({}, JPEGBaseline8Bit, "01"),
        ({"LossyImageCompression": "00"}, JPEG2000, "01"),
    ],
)
def test_what_was_lossy_stays_lossy(
    header: dict[str, Any], syntax: str | None, expected: str
) -> None:
    source = film_header(**header)
    if syntax is not None:
        source.file_meta.TransferSyntaxUID = UID(syntax)
    capture = build_secondary_capture(
        ORDINARY, draft_of(ORDINARY), source, BuildContext(), picture()
    )
    assert capture.LossyImageCompression == expected
    if header.get("LossyImageCompressionMethod"):
        assert capture.LossyImageCompressionRatio == 12.5
        assert capture.LossyImageCompressionMethod == "ISO_10918_1"
    if syntax == JPEGBaseline8Bit:
        assert capture.LossyImageCompressionMethod == "ISO_10918_1"


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
def test_dcmtk_shows_the_picture(grey: bool, tmp_path: Path) -> None:  # noqa: FBT001
    shown = picture(511, 439, strips=0)
    if grey:
        shown = Picture(np.ascontiguousarray(shown.pixels[..., 0]), 511, 439)
    path = tmp_path / "capture.dcm"
    path.write_bytes(encoded(built(shown)))
    assert complaints(path) == []
    target = tmp_path / "shown.ppm"
    subprocess.run([program("dcm2pnm", "dcmtk"), path, target], check=True, timeout=60)
    found = np.asarray(Image.open(target))
    if grey:  # dcm2pnm spreads grey pixels without a window over the whole range
        found = found[..., 0] if found.ndim == 3 else found
    assert np.abs(found.astype(int) - shown.pixels).max() <= 1


@pytest.mark.parametrize("name", ["nearly everything missing", "korean", "odd orientation"])
def test_odd_headers(name: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.dcm"
    path.write_bytes(encoded(built(picture(64, 55), **NASTY[name])))
    assert complaints(path) == []


@pytest.mark.parametrize("name", ["hostile", "no finding"])
def test_odd_readings(name: str, tmp_path: Path) -> None:
    reading = READINGS[name]
    kinds = (ResultKind.SECONDARY_CAPTURE,)
    header = film_header()
    (capture,) = build_all(
        reading, draft_of(reading), header, BuildContext(), kinds=kinds, picture=picture(64, 55)
    ).values()
    path = tmp_path / "capture.dcm"
    path.write_bytes(encoded(capture))
    assert complaints(path) == []


def test_none_without_a_picture() -> None:
    with pytest.raises(ValueError, match="no picture was given for secondary_capture"):
        build_all(
            ORDINARY,
            draft_of(ORDINARY),
            film_header(),
            BuildContext(),
            kinds=(ResultKind.SECONDARY_CAPTURE,),
        )


@pytest.mark.parametrize(
    ("pixels", "film", "words"),
    [
        (np.zeros((4, 4), np.uint16), (4, 4), "no picture of grey or RGB bytes"),
        (np.zeros((4, 4, 4), np.uint8), (4, 4), "no picture of grey or RGB bytes"),
        (np.zeros((4, 4), np.uint8), (5, 4), "no film of 5 x 4"),
        (np.zeros((4, 4), np.uint8), (0, 4), "no film of 0 x 4"),
    ],
)
def test_what_is_no_picture_is_refused(pixels: Any, film: tuple[int, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Picture(pixels, *film)
