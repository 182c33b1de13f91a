"""Which objects are read: every file of the real data set, and each rule with its neighbours.

The rules are those of the built-in policy and see headers only; `test_real_films` looks at the
pixels as well, and `test_rules` at what else a policy may ask. Broken files are told by `imaging`
(`tests/imaging/test_film.py`).
"""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import (
    BasicTextSRStorage,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    SecondaryCaptureImageStorage,
)

from core.errors import UnreadableObjectError
from core.policy import NumberedPolicy
from core.policy_toml import built_in
from core.states import FilmState
from db.received import ReadDecision
from gateway.eligibility import decide
from imaging.header import read_header

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAYS = built_in()
ANY_AGE = TODAYS.of_any_age()

READ = {FilmState.QUEUED}
UNREAD = {FilmState.RECEIVED, FilmState.NOT_READ}
BY_EXPECTED: Mapping[str, set[FilmState]] = {
    "frontal_cxr": READ,
    "not_chest": UNREAD,
    "not_radiograph": UNREAD,
    "not_frontal_human": UNREAD,
    "not_image_to_read": UNREAD,
    "review": UNREAD,
    "skip_or_review": UNREAD,
}
BEYOND_HEADERS = {
    # Turned or mirrored against their own header: only the pixels tell.
    "derived/dx_pa_rotated90.dcm": READ,
    "derived/dx_pa_mirrored.dcm": READ,
}


def film(**values: Any) -> Dataset:
    """Make the header of a film that is read; None takes an attribute out."""
    made = Dataset()
    facts: dict[str, Any] = {
        "SOPClassUID": ComputedRadiographyImageStorage,
        "Modality": "CR",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PatientOrientation": ["L", "F"],
    }
    for keyword, value in (facts | values).items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def capture(**values: Any) -> Dataset:
    """Make the header of a Secondary Capture of a film."""
    facts = {
        "SOPClassUID": SecondaryCaptureImageStorage,
        "Modality": "DX",
        "PhotometricInterpretation": "MONOCHROME2",
    }
    return film(**(facts | values))


def state(header: Dataset, policy: NumberedPolicy = ANY_AGE) -> tuple[FilmState, str]:
    decision = decide(header, policy, AT)
    return decision.state, decision.rule


def test_real_files_end_as_the_manifest_asks(real_data: Path) -> None:
    found: dict[str, FilmState] = {}
    asked: dict[str, set[FilmState]] = {}
    with (real_data / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name, expected = row["file"], row["expected"]
            if expected not in BY_EXPECTED or not name.endswith(".dcm"):
                continue
            asked[name] = BEYOND_HEADERS.get(name, BY_EXPECTED[expected])
            found[name] = decide(read_header(real_data / name), ANY_AGE, AT).state
    assert len(found) > 25
    assert {name: states for name, states in found.items() if states not in asked[name]} == {}


def test_real_files_are_too_old_by_default(real_data: Path) -> None:
    header = read_header(real_data / "dicom" / "RG1_J2KI.dcm")
    assert state(header, TODAYS) == (FilmState.NOT_READ, "max_study_age")


def test_broken_headers_never_reach_the_rules(real_data: Path) -> None:
    for name in ("dicom/rtplan_truncated.dcm", "derived/not_dicom.dcm"):
        with pytest.raises(UnreadableObjectError):
            read_header(real_data / name)


@pytest.mark.parametrize(
    ("uid", "modality"),
    [
        (ComputedRadiographyImageStorage, "CR"),
        (DigitalXRayImageStorageForPresentation, "DX"),
        (ComputedRadiographyImageStorage, ""),
    ],
)
def test_frontal_chest_films_are_read(uid: str, modality: str) -> None:
    decision = decide(film(SOPClassUID=uid, Modality=modality), TODAYS, AT)
    assert decision == ReadDecision(FilmState.QUEUED, None, "frontal_chest", 0)


@pytest.mark.parametrize(
    "uid", [CTImageStorage, BasicTextSRStorage, DigitalMammographyXRayImageStorageForPresentation]
)
def test_other_classes_are_kept_unread(uid: str) -> None:
    assert state(film(SOPClassUID=uid)) == (FilmState.RECEIVED, "sop_class")


def test_raw_films_are_not_read() -> None:
    header = film(SOPClassUID=DigitalXRayImageStorageForProcessing, Modality="DX")
    assert state(header) == (FilmState.NOT_READ, "for_processing")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"Modality": "OT"}, "capture_of_no_film"),
        ({"Modality": None}, "capture_of_no_film"),
        ({"PhotometricInterpretation": "RGB"}, "capture_in_colour"),
        ({"PhotometricInterpretation": None}, "capture_in_colour"),
        ({"ConversionType": "SD"}, "capture_of_paper"),
        ({"ViewPosition": "LL"}, "view"),
    ],
)
def test_captures_that_are_not_read(values: dict[str, Any], rule: str) -> None:
    assert state(capture(**values)) == (FilmState.NOT_READ, rule)


@pytest.mark.parametrize("kind", [None, "DF", "DI", "WSD"])
def test_a_grey_capture_of_a_film_is_asked_of_its_pixels(kind: str | None) -> None:
    decision = decide(capture(ConversionType=kind), ANY_AGE, AT)
    assert decision == ReadDecision(
        FilmState.QUEUED, None, "secondary_capture", 0, "body part and view"
    )


def test_intent_for_processing_counts_in_any_class() -> None:
    header = film(PresentationIntentType="FOR PROCESSING")
    assert state(header) == (FilmState.NOT_READ, "for_processing")


def test_mammogram_in_a_film_class() -> None:
    assert state(film(Modality="MG")) == (FilmState.NOT_READ, "modality")


@pytest.mark.parametrize(
    "values",
    [
        {"SeriesDescription": "Dual Energy BONE"},
        {"ImageType": ["DERIVED", "PRIMARY", "BONE"]},
        {"ImageType": ["DERIVED", "PRIMARY", "", "SOFT_TISSUE"]},
        {"SeriesDescription": "Soft tissue DES"},
        {"SeriesDescription": "Bone suppressed"},
        {"ProtocolName": "Chest Tomosynthesis"},
        {"SeriesDescription": "QC Phantom"},
        {"SeriesDescription": "DUMMY QA"},
        {"AcquisitionDeviceProcessingDescription": "Test pattern"},
        {"SeriesDescription": "Barium swallow"},
        {"SeriesDescription": "Röntgen Durchleuchtung"},
        {"SeriesDescription": "胸部断層"},
    ],
)
def test_pictures_that_are_no_plain_film(values: dict[str, Any]) -> None:
    assert state(film(**values)) == (FilmState.NOT_READ, "no_plain_film")


@pytest.mark.parametrize(
    "values",
    [
        # Names and the examination are not the picture's own words.
        {"StudyDescription": "Chest phantom", "PatientName": "Phantom^Bone"},
        {"ManufacturerModelName": "Synthetic phantom"},
        {
            "SeriesDescription": "Chest PA test",
            "ImageType": ["DERIVED", "PRIMARY", "POST_PROCESSED"],
        },
        {"SeriesDescription": "Weiche Radiographie des poumons"},
    ],
)
def test_plain_films_that_sound_like_others(values: dict[str, Any]) -> None:
    assert state(film(**values)) == (FilmState.QUEUED, "frontal_chest")


@pytest.mark.parametrize(
    "values",
    [
        {"PatientSpeciesDescription": "Canis lupus familiaris"},
        {"SeriesDescription": "CANINE THORAX PA"},
        {"PatientOrientation": ["LE", "CD"]},
        {"PatientBreedDescription": "Beagle"},
        {"PatientSexNeutered": "ALTERED"},
        {"ResponsiblePersonRole": "OWNER"},
        {"InstitutionName": "Tierklinik am See"},
    ],
)
def test_animals(values: dict[str, Any]) -> None:
    assert state(film(**values)) == (FilmState.NOT_READ, "species")


@pytest.mark.parametrize(("code", "rule"), [("L-80700", "species"), ("337915000", "frontal_chest")])
def test_species_codes(code: str, rule: str) -> None:
    item = Dataset()
    item.CodeValue = code
    assert state(film(PatientSpeciesCodeSequence=[item]))[1].startswith(rule)


def test_humans_who_say_so() -> None:
    assert state(film(PatientSpeciesDescription="Homo sapiens"))[0] is FilmState.QUEUED
    assert state(film(PatientSpeciesDescription="Mensch"))[0] is FilmState.QUEUED
    assert state(film(PatientSpeciesDescription="UNKNOWN"))[0] is FilmState.QUEUED
    assert state(film(ResponsiblePersonRole="PARENT"))[0] is FilmState.QUEUED


@pytest.mark.parametrize(
    ("values", "reason", "rule"),
    [
        ({"BodyPartExamined": "HAND"}, "not a chest film by its BodyPartExamined", "body_part"),
        (
            {"ProtocolName": "[LOWER LEG]"},
            "body part uncertain: BodyPartExamined and film texts disagree",
            "body_part_contradicted",
        ),
    ],
)
def test_body_part(values: dict[str, Any], reason: str, rule: str) -> None:
    decision = decide(film(**values), ANY_AGE, AT)
    assert decision == ReadDecision(FilmState.NOT_READ, reason, rule, 0)


@pytest.mark.parametrize(
    ("values", "rule", "asked"),
    [
        ({"BodyPartExamined": None}, "silent_body_part", "body part"),
        ({"ViewPosition": None, "PatientOrientation": None}, "silent_view", "view"),
        (
            {"BodyPartExamined": None, "ViewPosition": None, "PatientOrientation": None},
            "silent_body_part",
            "body part and view",
        ),
        ({"ViewPosition": "PA/LAT"}, "view_by_hints", "view"),
        ({"BodyPartExamined": "TX"}, "silent_body_part", "body part"),
        ({"SeriesDescription": "Thorax face/profil"}, "silent_view", "view"),
        # Hints are no plain word: the pixels must show the view.
        ({"ViewPosition": None}, "view_by_hints", "view"),
        (
            {"ViewPosition": None, "PatientOrientation": None, "StudyDescription": "Thorax p.a."},
            "view_by_hints",
            "view",
        ),
        (
            {"BodyPartExamined": None, "ViewPosition": None},
            "silent_body_part",
            "body part and view",
        ),
    ],
)
def test_silent_headers_are_asked_of_the_pixels(
    values: dict[str, Any], rule: str, asked: str
) -> None:
    decision = decide(film(**values), ANY_AGE, AT)
    assert decision == ReadDecision(FilmState.QUEUED, None, rule, 0, asked)


@pytest.mark.parametrize("position", ["LL", "LATERAL", "RLD", "LLO"])
def test_other_views_are_kept_unread(position: str) -> None:
    assert state(film(ViewPosition=position)) == (FilmState.NOT_READ, "view")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"SeriesDescription": "Thorax seitlich"},
            "view uncertain: ViewPosition and film texts disagree",
        ),
        (
            {"PatientOrientation": ["P", "F"]},
            "view uncertain: ViewPosition and PatientOrientation disagree",
        ),
    ],
)
def test_uncertain_views(values: dict[str, Any], reason: str) -> None:
    decision = decide(film(**values), ANY_AGE, AT)
    assert decision == ReadDecision(FilmState.NOT_READ, reason, "view_contradicted", 0)


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        (["R", "F"], FilmState.QUEUED),
        (["L", "H"], FilmState.NOT_READ),
        (["F", "L"], FilmState.NOT_READ),
        ([], FilmState.QUEUED),
    ],
)
def test_only_upright_films_are_read(axes: list[str], expected: FilmState) -> None:
    assert state(film(PatientOrientation=axes))[0] is expected


AGE_LIMIT = TODAYS


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, FilmState.QUEUED),
        ({"AcquisitionDate": "20261120", "AcquisitionTime": "120000"}, FilmState.QUEUED),
        ({"AcquisitionDate": "20261120", "AcquisitionTime": "115959"}, FilmState.NOT_READ),
        ({"StudyDate": "20261119"}, FilmState.NOT_READ),
        ({"StudyDate": "20261120"}, FilmState.QUEUED),
        ({"StudyDate": "20991231"}, FilmState.QUEUED),
        ({"StudyDate": "rubbish"}, FilmState.QUEUED),
        (
            {
                "StudyDate": "20261120",
                "StudyTime": "100000",
                "TimezoneOffsetFromUTC": "-0500",
            },
            FilmState.QUEUED,
        ),
        ({"StudyDate": "20261120", "StudyTime": "100000"}, FilmState.NOT_READ),
    ],
)
def test_old_films_are_not_read(values: dict[str, Any], expected: FilmState) -> None:
    assert state(film(**values), AGE_LIMIT)[0] is expected


def test_age_is_counted_in_the_site_s_zone() -> None:
    header = film(StudyDate="20261120", StudyTime="100000")
    west = timezone(timedelta(hours=-5))
    assert decide(header, AGE_LIMIT, AT, zone=west).state is FilmState.QUEUED
    assert decide(header, AGE_LIMIT, AT).reason == "older than 48 hours"


def test_any_film_is_a_new_one_where_no_time_is_given() -> None:
    assert decide(film(StudyDate="19990101"), AGE_LIMIT, None).state is FilmState.QUEUED


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"PatientAge": "005Y"}, "youngest_age"),
        ({"PatientAge": "016Y"}, "frontal_chest"),
        ({"PatientAge": "011M"}, "youngest_age"),
        ({"PatientAge": "003W"}, "youngest_age"),
        ({"PatientAge": "999D"}, "youngest_age"),
        ({"PatientAge": "81"}, "frontal_chest"),
        ({"PatientAge": "999Y"}, "frontal_chest"),
        ({"PatientBirthDate": "20200102", "StudyDate": "20261122"}, "youngest_age"),
        ({"PatientBirthDate": "20101122", "StudyDate": "20261122"}, "frontal_chest"),
        ({"PatientBirthDate": "20101123", "StudyDate": "20261122"}, "youngest_age"),
        ({"PatientBirthDate": "20301122", "StudyDate": "20261122"}, "frontal_chest"),
        ({"PatientBirthDate": "18000101", "StudyDate": "20261122"}, "frontal_chest"),
        ({"PatientBirthDate": "20200102"}, "frontal_chest"),
        (
            {"PatientAge": "81", "PatientBirthDate": "20200102", "StudyDate": "20261122"},
            "youngest_age",
        ),
    ],
)
def test_a_site_may_leave_children_out(values: dict[str, Any], expected: str) -> None:
    grown = TODAYS.policy.model_copy(update={"youngest_age_years": 16.0})
    assert state(film(**values), NumberedPolicy(7, grown))[1] == expected
    assert state(film(**values))[1] == "frontal_chest"


@given(
    st.dictionaries(
        st.sampled_from(
            ["BodyPartExamined", "ViewPosition", "SeriesDescription", "StudyDescription"]
        ),
        st.text(max_size=40),
    )
)
def test_no_text_of_a_header_gets_into_a_reason(values: dict[str, str]) -> None:
    marked = {keyword: f"zqx{value}" for keyword, value in values.items()}
    decision = decide(film(**marked), ANY_AGE, AT)
    assert "zqx" not in f"{decision.reason} {decision.rule}"
