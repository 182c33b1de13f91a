"""The same finding in all objects.

Covers: the ids of findings as tracking UIDs in both reports and in the presentation state, with
the same words beside them, and the model's UID as device in each. Not covered: what viewers do
with tracking UIDs.
"""

import pytest
from pydicom.dataset import Dataset

from core.reading import Presence, Reading
from core.states import DRAFT_KINDS, ResultKind
from dicom_sr import concepts
from dicom_sr.build import build_all
from dicom_sr.context import BuildContext
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import READINGS, draft_of
from tests.dicom_sr.trees import children, named, walk


def built(reading: Reading) -> dict[ResultKind, Dataset]:
    return build_all(reading, draft_of(reading), film_header(), BuildContext())


def marks(gsps: Dataset) -> list[Dataset]:
    return [
        mark
        for annotation in gsps.GraphicAnnotationSequence
        for keyword in ("GraphicObjectSequence", "TextObjectSequence")
        for mark in annotation.get(keyword, ())
        if "TrackingUID" in mark
    ]


@pytest.mark.parametrize("name", READINGS)
def test_every_finding_is_in_both_reports(name: str) -> None:
    reading = READINGS[name]
    objects = built(reading)
    ids = [finding.id for finding in reading.findings]
    coded = [item.UID for item in named(objects[ResultKind.FINDINGS_SR], concepts.TRACKING_UID)]
    assert list(dict.fromkeys(coded)) == ids
    stated = [
        item.UID
        for section in children(objects[ResultKind.REPORT_SR], concepts.STATEMENTS_SECTION)
        for item in named(section, concepts.TRACKING_UID)
    ]
    assert stated == ids


@pytest.mark.parametrize("name", ["ordinary", "every label", "edges", "absent and uncertain"])
def test_every_finding_that_is_there_is_marked(name: str) -> None:
    reading = READINGS[name]
    expected = {f.id for f in reading.findings if f.presence is not Presence.ABSENT}
    assert {mark.TrackingUID for mark in marks(built(reading)[ResultKind.GSPS])} == expected


def test_the_words_beside_an_id_are_the_same_everywhere() -> None:
    objects = built(READINGS["every label"])
    words = {mark.TrackingUID: mark.TrackingID for mark in marks(objects[ResultKind.GSPS])}
    for kind in (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR):
        for item in walk(objects[kind]):
            for uid in children(item, concepts.TRACKING_UID):
                beside = children(item, concepts.TRACKING_IDENTIFIER)[0].TextValue
                assert words[uid.UID] == beside


def test_the_model_is_the_device_of_all() -> None:
    reading = READINGS["ordinary"]
    objects = built(reading)
    for item in objects.values():
        equipment = item.ContributingEquipmentSequence[0]
        assert equipment.DeviceUID == reading.model.uid
        assert equipment.PurposeOfReferenceCodeSequence[0].CodeValue == "109102"
    for kind in (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR):
        assert reading.model.uid == named(objects[kind], concepts.DEVICE_OBSERVER_UID)[0].UID


@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_every_object_joins_the_study_and_names_the_film(kind: ResultKind) -> None:
    header = film_header()
    item = built(READINGS["ordinary"])[kind]
    assert item.StudyInstanceUID == header.StudyInstanceUID
    assert item.PatientID == header.PatientID
    assert item.AccessionNumber == header.AccessionNumber
    referenced = {
        element.value for element in item.iterall() if element.keyword == "ReferencedSOPInstanceUID"
    }
    assert referenced == {header.SOPInstanceUID}
