"""What is made of a film's header.

Covers: what is repaired, what is left out, what is never altered, what is refused, and that the
header itself stays as it is; arbitrary texts in every element (hypothesis). The validators judge
objects of odd headers in test_validators.
"""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from dicom_sr import values
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.source import read_source
from tests.dicom_sr.headers import NASTY, film_header
from tests.dicom_sr.readings import NO_FINDING, ORDINARY, draft_of

_WORDS = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("StudyID", "AccessionNumber", "StudyDescription", "ReferringPhysicianName", "Modality"),
    *("ViewPosition", "BodyPartExamined", "PatientOrientation", "ImagerPixelSpacing"),
    *("PixelAspectRatio", "WindowCenter", "WindowWidth", "VOILUTFunction", "RescaleSlope"),
    *("TimezoneOffsetFromUTC", "IssuerOfPatientID", "SpecificCharacterSet"),
)


def _ratio(down: int, across: int) -> dict[str, Any]:
    """Give the changes of a header that states a proportion and no spacing."""
    return {"PixelAspectRatio": [down, across], "ImagerPixelSpacing": None}


@pytest.mark.parametrize(
    ("changes", "part", "name", "expected"),
    [
        ({"PatientBirthDate": "1950.01.02"}, "patient", "birth_date", "19500102"),
        ({"PatientBirthDate": "19501301"}, "patient", "birth_date", ""),
        ({"PatientBirthDate": "00000000"}, "patient", "birth_date", ""),
        ({"PatientSex": "f"}, "patient", "sex", "F"),
        ({"PatientSex": "UNKNOWN"}, "patient", "sex", ""),
        ({"PatientName": None}, "patient", "name", ""),
        ({"PatientName": "A^B^C^D^E^F^G"}, "patient", "name", "A^B^C^D^E"),
        ({"PatientName": "x" * 80}, "patient", "name", "x" * 64),
        ({"PatientID": None}, "patient", "id", ""),
        ({"StudyDate": "20261340"}, "study", "date", ""),
        ({"StudyTime": "10:15:30.5"}, "study", "time", "101530.5"),
        ({"StudyTime": "2460"}, "study", "time", ""),
        ({"StudyTime": "235960.25"}, "study", "time", "235959.25"),
        ({"StudyTime": "235961"}, "study", "time", ""),
        ({"StudyTime": "235999.5"}, "study", "time", ""),
        ({"StudyTime": "0815"}, "study", "time", "0815"),
        ({"StudyDescription": "a\\b"}, "study", "description", "a/b"),
        ({"TimezoneOffsetFromUTC": "+0530"}, "study", "utc_offset", "+0530"),
        ({"TimezoneOffsetFromUTC": "-0000"}, "study", "utc_offset", ""),
        ({"TimezoneOffsetFromUTC": "+9900"}, "study", "utc_offset", ""),
        ({"Modality": None}, "film", "modality", ""),
        ({"PatientOrientation": None}, "film", "orientation", None),
        ({"PatientOrientation": ["X", "F"]}, "film", "orientation", None),
        ({"PatientOrientation": ["L"]}, "film", "orientation", None),
        ({"ImagerPixelSpacing": None}, "film", "imager_spacing", None),
        ({"ImagerPixelSpacing": ["0", "0"]}, "film", "imager_spacing", None),
        ({"ImagerPixelSpacing": ["0.2"]}, "film", "imager_spacing", None),
        (_ratio(3, 4), "film", "aspect_ratio", (3, 4)),
        (_ratio(0, 4), "film", "aspect_ratio", (1, 1)),
        (_ratio(5, 1), "film", "aspect_ratio", (1, 1)),
        ({"PixelAspectRatio": [3, 4]}, "film", "aspect_ratio", (1, 1)),
        ({"ImagerPixelSpacing": ["0.15", "0.1"]}, "film", "aspect_ratio", (3, 2)),
        ({"ImagerPixelSpacing": ["0.143", "0.1436"]}, "film", "aspect_ratio", (1, 1)),
        ({"ImagerPixelSpacing": ["1e9", "1e-9"]}, "film", "aspect_ratio", (1, 1)),
        ({"PhotometricInterpretation": "monochrome1"}, "film", "inverted", True),
        ({"RescaleSlope": "0"}, "film", "modality_transformation", None),
        ({"RescaleSlope": "steep"}, "film", "modality_transformation", None),
        ({"WindowCenter": None}, "film", "voi", None),
    ],
)
def test_repairs(changes: dict[str, Any], part: str, name: str, expected: object) -> None:
    source = read_source(film_header(**changes))
    assert getattr(getattr(source, part), name) == expected


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientID", "P" * 80),
        ("PatientID", "A/../"),
        ("PatientID", "A\\B"),
        ("AccessionNumber", "ACCESSION-NUMBER-LONGER-THAN-16"),
        ("SOPInstanceUID", "1.2.826.01.3680043"),
        ("StudyInstanceUID", "1.2.826.0.1.00.7"),
        ("SeriesInstanceUID", "1.2.826.0.1.00.8"),
        ("SOPClassUID", "1.2.3.4.5"),
    ],
)
def test_identities_are_written_as_they_came(keyword: str, value: str) -> None:
    header = film_header(**{keyword: value})
    for item in build_all(ORDINARY, draft_of(ORDINARY), header, BuildContext()).values():
        again = item.iterall()
        wanted = keyword.replace("SOP", "ReferencedSOP")
        if keyword == "SeriesInstanceUID":
            found = {e.value for e in again if e.keyword == keyword} - {item.SeriesInstanceUID}
        else:
            found = {values.text(item, keyword)} if keyword in item else set()
            if "SOP" in keyword:
                found = {str(e.value) for e in again if e.keyword == wanted}
        assert found == {value}
        encoded(item)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        (
            {"SpecificCharacterSet": ["", "ISO 2022 IR 87"], "PatientName": "Yamada=山田^太郎"},
            "Yamada=山田^太郎",
        ),
        (
            {"SpecificCharacterSet": ["", "ISO 2022 IR 149"], "PatientName": "Hong=洪^吉洞"},
            "Hong=洪^吉洞",
        ),
        ({"SpecificCharacterSet": "ISO_IR 127", "PatientName": "قباني^لنزار"}, "قباني^لنزار"),
        ({"SpecificCharacterSet": "ISO_IR 192", "PatientName": "神^一"}, "神^一"),
    ],
    ids=["japanese", "korean", "arabic", "compatibility ideograph"],
)
def test_names_of_all_character_sets_arrive_in_utf_8(changes: dict[str, Any], name: str) -> None:
    for item in build_all(
        ORDINARY, draft_of(ORDINARY), film_header(**changes), BuildContext()
    ).values():
        assert item.SpecificCharacterSet == "ISO_IR 192"
        assert name.encode() in encoded(item)


@pytest.mark.parametrize(
    "changes",
    [
        {"StudyInstanceUID": None},
        {"StudyInstanceUID": "../1"},
        {"SeriesInstanceUID": ""},
        {"SOPInstanceUID": "1." * 40},
        {"SOPClassUID": None},
        {"Rows": None},
        {"Columns": 0},
    ],
    ids=str,
)
def test_refusals(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableObjectError, match="no usable"):
        read_source(film_header(**changes))


@pytest.mark.parametrize("changes", NASTY.values(), ids=NASTY)
def test_the_header_is_left_as_it_is(changes: dict[str, Any]) -> None:
    header = film_header(**changes)
    before = copy.deepcopy(header)
    build_all(ORDINARY, draft_of(ORDINARY), header, BuildContext())
    assert list(header.keys()) == list(before.keys())
    for tag in header:
        assert values.text(header, tag.keyword) == values.text(before, tag.keyword)


@given(words=st.dictionaries(st.sampled_from(_WORDS), st.text(max_size=90), max_size=6))
@settings(max_examples=25, deadline=None)
def test_any_words_in_any_element_make_objects_that_can_be_read(words: dict[str, str]) -> None:
    header = film_header()
    for keyword, value in words.items():
        if keyword in header:
            del header[keyword]
        header.add_new(keyword, "LO", value.encode(errors="ignore").decode())
    for item in build_all(NO_FINDING, draft_of(NO_FINDING), header, BuildContext()).values():
        assert item.StudyInstanceUID == header.StudyInstanceUID
        encoded(item)


def test_real_headers(real_data: Any) -> None:
    silent = dcmread(real_data / "dicom/RG1_J2KI.dcm", stop_before_pixels=True)
    source = read_source(silent)
    assert source.film.imager_spacing is None
    assert source.film.aspect_ratio == (1, 1)
    assert source.film.inverted
    japanese = dcmread(real_data / "dicom/cr_chest_pa_no_pixels_jp.dcm", stop_before_pixels=True)
    assert read_source(japanese).patient.name == "やまだ^たろう"


def test_a_header_of_nothing_is_refused_and_never_crashes() -> None:
    with pytest.raises(UnreadableObjectError):
        read_source(Dataset())
