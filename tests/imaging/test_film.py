"""Whole films: every file of the real data set, polarity, and what is intact yet no film.

What a file's header decides is `tests/gateway/test_eligibility.py`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from core.errors import NotReadError, UnreadableObjectError
from imaging.film import Film, load_film
from imaging.header import read_whole
from tests.imaging.making import film, save, smooth

FILMS = {
    "dicom/RG1_J2KI.dcm": (1955, 1841),
    "dicom/RG3_J2KI.dcm": (1760, 1760),
    "dicom/highdicom_dx_dog_lateral.dcm": (169, 211),
    "dicom/nih_00000002_000_as_sc.dcm": (1024, 1024),
    "dicom/CT_small.dcm": (128, 128),
    "dicom/ot_deflated_no_wrap.dcm": (512, 512),
    "derived/cr_pa_mono1_15bit_explicit_le.dcm": (978, 921),
    "derived/cr_pa_mono1_15bit_jpegls.dcm": (978, 921),
    "derived/cr_pa_mono1_15bit_jpegll.dcm": (978, 921),
    "derived/cr_pa_mono1_15bit_explicit_be.dcm": (978, 921),
    "derived/cr_pa_mono1_15bit_implicit_le.dcm": (978, 921),
    "derived/cr_pa_mono1_15bit_deflated.dcm": (978, 921),
    "derived/cr_pa_mono2_12bit.dcm": (978, 921),
    "derived/cr_pa_mono2_12bit_rle.dcm": (978, 921),
    "derived/dx_pa_viewcode_only.dcm": (691, 640),
    "derived/cr_ap_no_view_desc_only.dcm": (524, 640),
    "derived/cr_ap_no_view_no_bodypart.dcm": (524, 640),
    "derived/dx_for_processing.dcm": (549, 640),
    "derived/dx_pa_rotated90.dcm": (1024, 1024),
    "derived/dx_pa_mirrored.dcm": (1024, 1024),
    "derived/dx_pa_serial1_20250301.dcm": (1024, 1024),
    "derived/dx_pa_serial2_20260301.dcm": (1024, 1024),
    "derived/dx_pa_signed_two_windows.dcm": (1024, 1024),
    "derived/dx_pa_10bit_garbage_highbits.dcm": (627, 640),
    "derived/dx_pa_voi_lut_sequence.dcm": (664, 640),
    "derived/cr_ap_8bit_burned_in_text.dcm": (631, 790),
    "derived/dx_chest_labelled_hand.dcm": (666, 640),
    "derived/cr_leg_labelled_chest_pa.dcm": (880, 880),
    "derived/dx_ap_injection_names.dcm": (1024, 1024),
    "derived/dx_empty_studyuid_patientid.dcm": (256, 256),
}
"""Files whose pixels are intact, whatever their headers say."""
UNREADABLE = {
    "dicom/cr_chest_pa_no_pixels_jp.dcm": "no pixels",
    "dicom/seg_of_cr.dcm": "1 allocated",
    "dicom/sr_document.dcm": "BitsStored is missing",
    "dicom/rtplan_truncated.dcm": "cut off",
    "dicom/mr_truncated_pixels.dcm": "cut off",
    "dicom/bigendian_no_meta.dcm": "not a readable DICOM file",
    "derived/dx_dims_bomb_65535.dcm": "too large",
    "derived/cr_jpegls_truncated.dcm": "not a readable DICOM file",
    "derived/cr_jpegls_corrupt_stream.dcm": "cannot be decoded|decode to noise",
    "derived/not_dicom.dcm": "not a readable DICOM file",
}
NOT_READ = {
    "dicom/cr_cspine_lat_16x16.dcm": "too small to read: 16 x 16",
    "derived/sc_rgb_chest.dcm": "in colour",
}
CODINGS = [name for name in FILMS if "mono1_15bit" in name]


def load(real_data: Path, name: str) -> Film:
    return load_film(real_data / name)


def test_every_file_of_the_data_set_is_listed(real_data: Path) -> None:
    there = {str(path.relative_to(real_data)) for path in real_data.glob("*/*.dcm")}
    assert there == FILMS.keys() | UNREADABLE.keys() | NOT_READ.keys()


@pytest.mark.parametrize("name", FILMS)
def test_intact_pictures(real_data: Path, name: str) -> None:
    loaded = load(real_data, name)
    assert loaded.pixels.shape == (loaded.rows, loaded.columns) == FILMS[name]
    assert loaded.pixels.dtype == np.uint8
    assert loaded.pixels.std() > 15


@pytest.mark.parametrize("name", UNREADABLE)
def test_broken_pictures(real_data: Path, name: str) -> None:
    with pytest.raises(UnreadableObjectError, match=UNREADABLE[name]):
        load(real_data, name)


@pytest.mark.parametrize("name", NOT_READ)
def test_intact_pictures_that_are_no_films(real_data: Path, name: str) -> None:
    with pytest.raises(NotReadError, match=NOT_READ[name]):
        load(real_data, name)


def test_nine_codings_of_one_film_give_the_same_picture(real_data: Path, tmp_path: Path) -> None:
    plain = load(real_data, CODINGS[0])
    assert len(CODINGS) == 6
    for name in CODINGS[1:]:
        np.testing.assert_array_equal(load(real_data, name).pixels, plain.pixels)
    for syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
        path = save(read_whole(real_data / CODINGS[0]), tmp_path / "film.dcm", syntax)
        np.testing.assert_array_equal(load_film(path).pixels, plain.pixels)


def test_polarity_partners_look_alike(real_data: Path) -> None:
    """The same film as MONOCHROME1 of 15 bits and MONOCHROME2 of 12, each with its window."""
    first = load(real_data, "derived/cr_pa_mono1_15bit_explicit_le.dcm").pixels.astype(float)
    second = load(real_data, "derived/cr_pa_mono2_12bit.dcm").pixels.astype(float)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.999
    assert abs(first - second).mean() < 10


@pytest.mark.parametrize(
    "name",
    [
        "dicom/RG1_J2KI.dcm",
        "derived/cr_pa_mono2_12bit.dcm",
        "derived/dx_pa_signed_two_windows.dcm",
        "derived/dx_pa_voi_lut_sequence.dcm",
        "derived/dx_pa_10bit_garbage_highbits.dcm",
        "dicom/nih_00000002_000_as_sc.dcm",
    ],
)
def test_bone_is_white(real_data: Path, name: str) -> None:
    """The spine's column is brighter than the lungs beside it."""
    pixels = load(real_data, name).pixels
    height, width = pixels.shape
    band = pixels[int(0.3 * height) : int(0.55 * height)]
    columns = [band[:, int(at * width) : int((at + 0.06) * width)].mean() for at in (0.25, 0.72)]
    spine = max(band[:, int(at * width) :][:, :20].mean() for at in (0.42, 0.47, 0.52))
    assert spine > max(columns) + 20


@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE", None])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_only_the_photometric_interpretation_inverts(
    tmp_path: Path, photometric: str, shape: str | None
) -> None:
    values: dict[str, Any] = {"WindowCenter": "2048", "WindowWidth": "4096"}
    if shape is not None:
        values["PresentationLUTShape"] = shape
    path = film(tmp_path / "film.dcm", PhotometricInterpretation=photometric, **values)
    loaded = load_film(path)
    stored = smooth()
    brightest = stored.argmin() if photometric == "MONOCHROME1" else stored.argmax()
    assert loaded.pixels.ravel()[brightest] == 255
    fitting = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}[photometric]
    expected = [] if shape in {fitting, None} else ["polarity_contradicted"]
    assert [remark.code for remark in loaded.remarks] == expected


def test_a_presentation_lut_is_said_to_be_left_out(tmp_path: Path) -> None:
    values: dict[str, Any] = {"WindowCenter": "2048", "WindowWidth": "4096"}
    plain = load_film(film(tmp_path / "plain.dcm", **values))
    for more in ({"PresentationLUTShape": "LIN OD"}, {"PresentationLUTSequence": [Dataset()]}):
        loaded = load_film(film(tmp_path / "film.dcm", **values, **more))
        np.testing.assert_array_equal(loaded.pixels, plain.pixels)
        assert [remark.code for remark in loaded.remarks] == ["presentation_lut_ignored"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"PhotometricInterpretation": None}, "does not say which"),
        ({"PhotometricInterpretation": "MONOCHROME"}, "does not say which"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "in colour"),
        ({"NumberOfFrames": 2, "Rows": 48}, r"several frames \(2\)"),
    ],
)
def test_pictures_that_are_no_films(tmp_path: Path, values: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotReadError, match=reason):
        load_film(film(tmp_path / "film.dcm", **values))


@pytest.mark.parametrize("name", ["dicom/RG1_J2KI.dcm", "derived/cr_pa_mono1_15bit_deflated.dcm"])
def test_real_film_cut_anywhere_is_unreadable(real_data: Path, tmp_path: Path, name: str) -> None:
    whole = (real_data / name).read_bytes()
    path = tmp_path / "cut.dcm"
    for end in np.random.default_rng(4).integers(0, len(whole) - 16, 40):
        path.write_bytes(whole[:end])
        with pytest.raises(UnreadableObjectError):
            load_film(path)


def test_own_limit_of_pixels(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm")
    assert load_film(path, maximum_pixels=96 * 80).rows == 96
    with pytest.raises(UnreadableObjectError, match="at most 7679"):
        load_film(path, maximum_pixels=96 * 80 - 1)


@pytest.mark.parametrize(
    ("orientation", "codes"), [(["L", "F"], []), (["R", "F"], ["mirrored"]), (None, [])]
)
def test_mirrored_film_is_remarked(
    tmp_path: Path, orientation: list[str] | None, codes: list[str]
) -> None:
    values: dict[str, Any] = {"WindowCenter": "2048", "WindowWidth": "4096"}
    if orientation is not None:
        values["PatientOrientation"] = orientation
    loaded = load_film(film(tmp_path / "film.dcm", **values))
    assert [remark.code for remark in loaded.remarks] == codes


def test_noise_is_no_film(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 4096, (96, 80), dtype=np.uint16)
    with pytest.raises(UnreadableObjectError, match="decode to noise"):
        load_film(film(tmp_path / "film.dcm", noise))
