"""What headers say of the body part, in which order, and when they contradict themselves."""

import pytest
from pydicom.dataset import Dataset

from gateway.body_part import Part, PartEvidence, body_part


def header(**values: str) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def coded(value: str, meaning: str) -> Dataset:
    item = header(CodeValue=value, CodeMeaning=meaning)
    made = Dataset()
    made.AnatomicRegionSequence = [item]
    return made


@pytest.mark.parametrize("value", ["CHEST", "chest ", "THORAX", "Torax", "PORT CHEST", "LUNG"])
def test_chest_by_its_attribute(value: str) -> None:
    assert body_part(header(BodyPartExamined=value)) == PartEvidence(Part.CHEST, "BodyPartExamined")


@pytest.mark.parametrize(
    "value", ["HAND", "EXTREMITY", "CSPINE", "RIB", "CHEST ABDOMEN", "CHESTABDPELVIS", "QQQ"]
)
def test_other_part_by_its_attribute(value: str) -> None:
    assert body_part(header(BodyPartExamined=value)).part is Part.OTHER


@pytest.mark.parametrize(
    ("value", "meaning", "part"),
    [
        ("51185008", "", Part.CHEST),
        ("T-D3000", "whatever", Part.CHEST),
        ("816094009", "Thorax", Part.CHEST),
        ("99CHEST", "Chest", Part.CHEST),
        ("416550000", "Chest and abdomen", Part.OTHER),
        ("122495006", "Thoracic spine", Part.OTHER),
        ("", "", Part.UNKNOWN),
    ],
)
def test_region_codes(value: str, meaning: str, part: Part) -> None:
    assert body_part(coded(value, meaning)).part is part


@pytest.mark.parametrize(
    "keyword", ["SeriesDescription", "ProtocolName", "StudyDescription", "ViewName"]
)
@pytest.mark.parametrize(
    ("phrase", "part"),
    [
        ("Thorax liegend a.p.", Part.CHEST),
        ("Radiografía de tórax", Part.CHEST),
        ("CXR portable", Part.CHEST),
        ("Hand 2 Ebenen", Part.OTHER),
        ("Thorax + Abdomen", Part.OTHER),
        ("Rippen/Hemithorax rechts", Part.OTHER),
        ("Kontrolle nach OP", Part.UNKNOWN),
    ],
)
def test_texts(keyword: str, phrase: str, part: Part) -> None:
    assert body_part(header(**{keyword: phrase})).part is part


def test_silence() -> None:
    assert body_part(Dataset()).part is Part.UNKNOWN
    assert body_part(header(BodyPartExamined="UNKNOWN")).part is Part.UNKNOWN


def test_attributes_that_disagree_are_named() -> None:
    film_text = header(
        BodyPartExamined="CHEST", AcquisitionDeviceProcessingDescription="[LOWER LEG]"
    )
    assert body_part(film_text).contradicted_by == "film texts"
    region = coded("39607008", "Lung")
    region.BodyPartExamined = "HAND"
    found = body_part(region)
    assert (found.part, found.contradicted_by) == (Part.OTHER, "AnatomicRegionSequence")


def test_study_texts_contradict_nothing() -> None:
    found = body_part(
        header(BodyPartExamined="CHEST", StudyDescription="Polytrauma Thorax, Becken")
    )
    assert found == PartEvidence(Part.CHEST, "BodyPartExamined")
