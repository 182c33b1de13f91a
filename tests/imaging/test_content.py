"""The same picture in another coding, another picture under the same UID."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import (
    JPEG2000,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from core.errors import UnreadableObjectError
from imaging.content import same_content
from tests.imaging.making import Pixels, dataset, film, save, smooth


@pytest.mark.parametrize(
    "syntax", [ExplicitVRBigEndian, RLELossless, JPEGLSLossless, JPEG2000Lossless]
)
def test_other_coding_and_other_names_are_the_same(tmp_path: Path, syntax: str) -> None:
    first = film(tmp_path / "first.dcm", PatientName="One^Name")
    second = film(tmp_path / "second.dcm", syntax=syntax, PatientName="Other^Name")
    assert same_content(first, second)
    assert same_content(second, first)


def test_one_other_pixel_is_another_picture(tmp_path: Path) -> None:
    pixels = smooth()
    pixels[50, 50] += 1
    first = film(tmp_path / "first.dcm")
    for syntax in (ExplicitVRLittleEndian, JPEGLSLossless):
        assert not same_content(first, film(tmp_path / "second.dcm", pixels, syntax))


@pytest.mark.parametrize(
    "values", [{"PhotometricInterpretation": "MONOCHROME1"}, {"Rows": 80, "Columns": 96}]
)
def test_same_bytes_with_other_meaning_are_another_picture(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    first = film(tmp_path / "first.dcm")
    assert not same_content(first, film(tmp_path / "second.dcm", **values))


def test_bits_that_are_not_in_use_do_not_count(tmp_path: Path) -> None:
    first = film(tmp_path / "first.dcm")
    dirty = film(tmp_path / "second.dcm", smooth() | np.uint16(0x8000))
    assert same_content(first, dirty)


def lossy(path: Path, pixels: Pixels, syntax: str) -> Path:
    made = dataset(pixels)
    save(made, path)
    options: dict[str, Any] = {"jls_error": 3} if syntax == JPEGLSNearLossless else {"j2k_cr": [20]}
    made.compress(syntax, generate_instance_uid=False, **options)
    made.save_as(path, enforce_file_format=True, overwrite=True)
    return path


@pytest.mark.parametrize("syntax", [JPEGLSNearLossless, JPEG2000])
def test_lossy_version_is_the_same_and_a_lossy_other_is_not(tmp_path: Path, syntax: str) -> None:
    first = film(tmp_path / "first.dcm", smooth(128, 96))
    assert same_content(first, lossy(tmp_path / "second.dcm", smooth(128, 96), syntax))
    assert not same_content(first, lossy(tmp_path / "third.dcm", smooth(128, 96)[::-1], syntax))
    assert not same_content(first, lossy(tmp_path / "fourth.dcm", smooth(96, 128), syntax))


def test_real_film_in_other_codings(real_data: Path) -> None:
    derived = real_data / "derived"
    plain = derived / "cr_pa_mono1_15bit_explicit_le.dcm"
    for name in ("jpegls", "jpegll", "explicit_be", "implicit_le", "deflated"):
        assert same_content(plain, derived / f"cr_pa_mono1_15bit_{name}.dcm")
    partner = derived / "cr_pa_mono2_12bit.dcm"
    assert same_content(partner, derived / "cr_pa_mono2_12bit_rle.dcm")
    assert not same_content(plain, partner)


def test_objects_without_pixels(tmp_path: Path) -> None:
    report = film(tmp_path / "report.dcm", PixelData=None)
    assert same_content(report, film(tmp_path / "again.dcm", PixelData=None, PatientName="New"))
    assert not same_content(report, film(tmp_path / "film.dcm"))
    other = film(
        tmp_path / "other.dcm", PixelData=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11"
    )
    assert not same_content(report, other)


def test_colour_of_another_coding_is_the_same(tmp_path: Path) -> None:
    grey = smooth(top=255).astype(np.uint8)
    pixels = np.stack([grey, grey[::-1], grey], axis=-1)
    facts: dict[str, Any] = {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
    }
    first = film(tmp_path / "first.dcm", pixels, **facts)
    assert same_content(first, film(tmp_path / "second.dcm", pixels, RLELossless, **facts))
    turned = film(tmp_path / "third.dcm", pixels[::-1].copy(), RLELossless, **facts)
    assert not same_content(first, turned)


def test_damaged_file_is_no_answer(tmp_path: Path) -> None:
    first = film(tmp_path / "first.dcm")
    second = tmp_path / "second.dcm"
    second.write_bytes(first.read_bytes()[:-100])
    with pytest.raises(UnreadableObjectError, match="cut off"):
        same_content(first, second)
