"""Which objects are read: every file of the real data set, and each rule with its neighbours.

The rules see headers only. What the data set's `expected` column asks for and only pixels could
tell is in `BEYOND_HEADERS`; broken files are told by `imaging` (`tests/imaging/test_film.py`).
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
from core.settings import GatewaySettings
from core.states import FilmState
from db.received import ReadDecision
from gateway.eligibility import decide
from imaging.header import read_header

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANY_AGE = GatewaySettings(max_study_age_hours=1e6)

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
    # A chest whose header says neither chest nor view, and a secondary capture of one: not read.
    "derived/cr_ap_no_view_no_bodypart.dcm": UNREAD,
    "dicom/nih_00000002_000_as_sc.dcm": UNREAD,
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


def state(header: Dataset, settings: GatewaySettings = ANY_AGE) -> tuple[FilmState, str]:
    decision = decide(header, settings, AT)
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
    assert state(header, GatewaySettings()) == (FilmState.NOT_READ, "max_study_age")


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
    decision = decide(film(SOPClassUID=uid, Modality=modality), GatewaySettings(), AT)
    assert decision == ReadDecision(FilmState.QUEUED, None, "frontal by ViewPosition")


@pytest.mark.parametrize(
    "uid", [CTImageStorage, BasicTextSRStorage, DigitalMammographyXRayImageStorageForPresentation]
)
def test_other_classes_are_kept_unread(uid: str) -> None:
    assert state(film(SOPClassUID=uid)) == (FilmState.RECEIVED, "sop_class")


@pytest.mark.parametrize("setting", ["read_for_processing", "read_secondary_captures"])
def test_two_classes_are_read_only_where_the_site_says_so(setting: str) -> None:
    uid = {
        "read_for_processing": DigitalXRayImageStorageForProcessing,
        "read_secondary_captures": SecondaryCaptureImageStorage,
    }[setting]
    header = film(SOPClassUID=uid, Modality="DX")
    assert state(header)[0] is FilmState.NOT_READ
    allowed = GatewaySettings.model_validate({setting: True})
    assert state(header, allowed)[0] is FilmState.QUEUED


def test_intent_for_processing_counts_in_any_class() -> None:
    header = film(PresentationIntentType="FOR PROCESSING")
    assert state(header) == (FilmState.NOT_READ, "for_processing")


def test_mammogram_in_a_film_class() -> None:
    assert state(film(Modality="MG")) == (FilmState.NOT_READ, "modality")


@pytest.mark.parametrize(
    "values",
    [
        {"PatientSpeciesDescription": "Canis lupus familiaris"},
        {"SeriesDescription": "CANINE THORAX PA"},
        {"PatientOrientation": ["LE", "CD"]},
    ],
)
def test_animals(values: dict[str, Any]) -> None:
    assert state(film(**values)) == (FilmState.NOT_READ, "species")


@pytest.mark.parametrize(("code", "rule"), [("L-80700", "species"), ("337915000", "frontal by")])
def test_species_codes(code: str, rule: str) -> None:
    item = Dataset()
    item.CodeValue = code
    assert state(film(PatientSpeciesCodeSequence=[item]))[1].startswith(rule)


def test_humans_who_say_so() -> None:
    assert state(film(PatientSpeciesDescription="Homo sapiens"))[0] is FilmState.QUEUED


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"BodyPartExamined": "HAND"}, "not a chest film by its BodyPartExamined"),
        ({"BodyPartExamined": None}, "body part uncertain: the header does not say it"),
        (
            {"ProtocolName": "[LOWER LEG]"},
            "body part uncertain: BodyPartExamined and film texts disagree",
        ),
    ],
)
def test_body_part(values: dict[str, Any], reason: str) -> None:
    decision = decide(film(**values), ANY_AGE, AT)
    assert decision == ReadDecision(FilmState.NOT_READ, reason, "body_part")


@pytest.mark.parametrize("position", ["LL", "LATERAL", "RLD", "LLO"])
def test_other_views_are_kept_unread(position: str) -> None:
    assert state(film(ViewPosition=position)) == (FilmState.NOT_READ, "view")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"ViewPosition": None, "PatientOrientation": None},
            "view uncertain: the header does not say it",
        ),
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
    assert decision == ReadDecision(FilmState.NOT_READ, reason, "view")


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


AGE_LIMIT = GatewaySettings(max_study_age_hours=48)


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
