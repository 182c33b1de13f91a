"""From headers to stored facts: odd texts, missing identities, times and zones."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from db.received import ReceivedObject
from gateway.headers import acquired_at, received_object, text
from tests.gateway.objects import film

_CET = timezone(timedelta(hours=1))


def _received(header: Dataset) -> ReceivedObject:
    return received_object(
        header, Path("nowhere"), calling_ae="ROOM1", called_ae="FIRSTREAD", zone=UTC
    )


def test_the_facts_are_the_headers() -> None:
    header = film(AccessionNumber="A1", StudyDescription="Thorax", IssuerOfPatientID="ISS")
    received = _received(header)
    assert received.sop_instance_uid == header.SOPInstanceUID
    assert received.study_uid == header.StudyInstanceUID
    assert received.series_uid == header.SeriesInstanceUID
    assert received.transfer_syntax_uid == header.file_meta.TransferSyntaxUID
    assert (received.patient.id, received.patient.issuer) == ("P-1", "ISS")
    assert (received.patient.name, received.patient.sex) == ("Testfrau^Erika", "F")
    assert received.patient.birth_date == "19500101"
    assert (received.accession, received.study_description) == ("A1", "Thorax")
    assert (received.modality, received.view) == ("CR", "PA")
    assert (received.calling_ae, received.called_ae) == ("ROOM1", "FIRSTREAD")


@pytest.mark.parametrize(
    "keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID"]
)
@pytest.mark.parametrize("value", ["", None])
def test_an_object_without_identity_is_refused(keyword: str, value: str | None) -> None:
    values: dict[str, Any] = {keyword: value}
    with pytest.raises(UnreadableObjectError, match=f"^{keyword} is empty$"):
        _received(film(**values))


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyInstanceUID", "../../etc/passwd"),
        ("StudyInstanceUID", "1.2..3"),
        ("SeriesInstanceUID", "1." * 40),
        ("StudyInstanceUID", ["1.2.3", "1.2.4"]),
        ("PatientID", ["P-1", "P-2"]),
        ("PatientID", "x" * 65),
        ("PatientID", "12\r34"),
        ("PatientID", "P\x00Q"),
    ],
)
def test_a_malformed_identity_is_refused_without_its_value(keyword: str, value: Any) -> None:
    with pytest.raises(UnreadableObjectError) as caught:
        _received(film(**{keyword: value}))
    assert str(caught.value) == f"{keyword} is malformed"


def test_control_characters_never_reach_the_database() -> None:
    header = film(PatientName="A\x00B\x1b[31mC\r\nD", StudyDescription="\x07 bell ")
    received = _received(header)
    assert received.patient.name == "A B [31mC D"
    assert received.study_description == "bell"


def test_a_value_that_cannot_be_read_is_empty() -> None:
    header = Dataset()
    assert text(header, "StudyDescription") == ""
    assert text(header, "NoSuchKeyword") == ""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"AcquisitionDate": "20260301", "AcquisitionTime": "101500.25"},
            datetime(2026, 3, 1, 10, 15, tzinfo=_CET),
        ),
        (
            {"AcquisitionDateTime": "20260301101500.5", "StudyDate": "20200101"},
            datetime(2026, 3, 1, 10, 15, tzinfo=_CET),
        ),
        ({"StudyDate": "20260301"}, datetime(2026, 3, 1, tzinfo=_CET)),
        (
            {"StudyDate": "2026.03.01", "StudyTime": "07:30"},
            datetime(2026, 3, 1, 7, 30, tzinfo=_CET),
        ),
        ({"StudyDate": "20260301", "StudyTime": "995959"}, datetime(2026, 3, 1, tzinfo=_CET)),
        (
            {"ContentDate": "20261332", "SeriesDate": "20260302"},
            datetime(2026, 3, 2, tzinfo=_CET),
        ),
        (
            {"StudyDate": "20260301", "TimezoneOffsetFromUTC": "-0530"},
            datetime(2026, 3, 1, tzinfo=timezone(-timedelta(hours=5, minutes=30))),
        ),
        (
            {"StudyDate": "20260301", "TimezoneOffsetFromUTC": "+9999"},
            datetime(2026, 3, 1, tzinfo=_CET),
        ),
        ({"StudyDate": "yesterday"}, None),
        ({"StudyDate": "00010101"}, None),
        ({"StudyDate": "99991231", "StudyTime": "235959"}, None),
        ({}, None),
    ],
)
def test_the_time_of_the_picture(values: dict[str, Any], expected: datetime | None) -> None:
    assert acquired_at(film(**values), _CET) == expected
