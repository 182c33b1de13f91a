"""What headers say of the body part, in which order, and when they contradict themselves."""

import pytest
from pydicom.dataset import Dataset

from core.film_facts import Part, Source
from core.policy import SiteWords
from gateway.body_part import PartEvidence, body_part
from gateway.lexicon import lexicon


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


@pytest.mark.parametrize(
    "value",
    [
        "CHEST",
        "chest ",
        "THORAX",
        "Torax",
        "PORT CHEST",
        "CHEST_PA",
        "LUNG",
        "PULMON",
        "TÓRAX",
        "胸部",
        "胸",
        "흉부",
        "ОГК",
    ],
)
def test_chest_by_its_attribute(value: str) -> None:
    assert body_part(header(BodyPartExamined=value)) == PartEvidence(Part.CHEST, Source.BODY_PART)


@pytest.mark.parametrize(
    "value",
    [
        "HAND",
        "EXTREMITY",
        "CSPINE",
        "RIB",
        "SHOULDER",
        "BABYGRAM",
        "CHEST ABDOMEN",
        "CHEST_TO_ABDOMEN",
        "CHESTABDOMEN",
        "CHESTABDPELVIS",
        "胸腹部",
        "胸椎",
        "HEART",
        "ABDOMENPELVIS",
        "NECKCHESTABDPELV",
    ],
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
        ("Radiographie pulmonaire des poumons", Part.CHEST),
        ("RTG klatki piersiowej", Part.CHEST),
        ("RTG kręgosłupa piersiowego", Part.OTHER),
        ("Rentgen hrudníku", Part.CHEST),
        ("AKCİĞER GRAFİSİ", Part.CHEST),
        ("Kar\u0131n grafisi", Part.OTHER),
        ("KARIN GRAFİSİ", Part.OTHER),
        ("Röntgen bröstrygg", Part.OTHER),
        ("Rtg thorax", Part.CHEST),
        ("胸部単純撮影 正面", Part.CHEST),
        ("胸椎 正面", Part.OTHER),
        ("胸腹部 正面", Part.OTHER),
        ("胸正位片", Part.CHEST),
        ("腹部立位平片", Part.OTHER),
        ("흉부 정면", Part.CHEST),
        ("흉추 정면", Part.OTHER),
        ("Рентген органов грудной клетки", Part.CHEST),
        ("Грудной отдел позвоночника", Part.OTHER),
        ("الصدر أمامي", Part.CHEST),
        ("X-quang ngực thẳng", Part.CHEST),
        ("เอกซเรย์ทรวงอก", Part.CHEST),
        ("Parrilla costal", Part.OTHER),
        ("Gril costal G", Part.OTHER),
        ("AC joints", Part.OTHER),
        ("брюшная полость", Part.OTHER),
        ("ĂŽĹź mojibake", Part.UNKNOWN),
    ],
)
def test_texts(keyword: str, phrase: str, part: Part) -> None:
    assert body_part(header(**{keyword: phrase})).part is part


@pytest.mark.parametrize("value", ["TX", "CHST", "BRUST", "QQQ"])
def test_a_fixed_value_that_is_not_known_leaves_it_open(value: str) -> None:
    assert body_part(header(BodyPartExamined=value)).judged is Part.UNKNOWN
    # Nor is a text believed beside it, save one that names another part.
    film = header(BodyPartExamined=value, SeriesDescription="Thorax pa")
    assert body_part(film).judged is Part.UNKNOWN
    assert body_part(film).doubted_by == "BodyPartExamined"
    film.SeriesDescription = "Hand"
    assert body_part(film).judged is Part.OTHER


@pytest.mark.parametrize("meaning", ["", "Something"])
def test_a_region_that_is_not_known_leaves_it_open(meaning: str) -> None:
    region = coded("99-1", meaning)
    region.BodyPartExamined = "CHEST"
    assert body_part(region).judged is Part.UNKNOWN
    assert body_part(region).doubted_by == "AnatomicRegionSequence"


def test_how_a_patient_lies_names_no_part() -> None:
    for phrase in ("CHEST AP HEAD OF BED 30", "Chest AP head up", "Chest AP HOB 45"):
        found = body_part(header(BodyPartExamined="CHEST", SeriesDescription=phrase))
        assert found == PartEvidence(Part.CHEST, Source.BODY_PART)
    assert body_part(header(SeriesDescription="Head AP")).part is Part.OTHER


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
    assert found == PartEvidence(Part.CHEST, Source.BODY_PART)


def test_a_site_s_words_count_beside_the_built_in_ones() -> None:
    names = lexicon(SiteWords(chest=("TX", "cage thoracique"), other_parts=("Zeh",)))
    assert body_part(header(SeriesDescription="TX stehend")).part is Part.UNKNOWN
    assert body_part(header(SeriesDescription="TX stehend"), names).part is Part.CHEST
    assert body_part(header(SeriesDescription="cage"), names).part is Part.UNKNOWN
    assert body_part(header(SeriesDescription="TX und Zeh"), names).part is Part.OTHER


def test_the_codes_of_a_procedure_speak_of_the_examination() -> None:
    made = Dataset()
    made.ProcedureCodeSequence = [header(CodeValue="36643-5", CodeMeaning="XR Chest 2 Views")]
    assert body_part(made) == PartEvidence(Part.CHEST, Source.STUDY_TEXTS)
