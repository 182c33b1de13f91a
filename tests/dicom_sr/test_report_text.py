"""The text of a report from outside: readable, bounded, and without anything that steers."""

from pydicom.dataset import Dataset

from core.states import ResultKind
from dicom_sr.build import build_all
from dicom_sr.context import BuildContext
from dicom_sr.report_text import LONGEST, report_heading, report_text
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import HOSTILE, ORDINARY, draft_of
from tests.gateway.documents import code


def item(kind: str, name: str = "", relationship: str = "CONTAINS", **values: object) -> Dataset:
    found = Dataset()
    found.ValueType = kind
    found.RelationshipType = relationship
    if name:
        found.ConceptNameCodeSequence = [code("1", name)]
    for keyword, value in values.items():
        setattr(found, keyword, value)
    return found


def document(*items: Dataset) -> Dataset:
    return item("CONTAINER", ContentSequence=list(items))


def test_text_codes_numbers_names_and_dates() -> None:
    measured = Dataset()
    measured.NumericValue = "12.5"
    measured.MeasurementUnitsCodeSequence = [code("mm", "millimeter", "UCUM")]
    report = document(
        item("CODE", "Language", "HAS CONCEPT MOD", ConceptCodeSequence=[code("en", "English")]),
        item(
            "CONTAINER",
            "Findings",
            ContentSequence=[
                item("TEXT", "Finding", TextValue="Effusion.\nNo pneumothorax."),
                item("NUM", "Depth", MeasuredValueSequence=[measured]),
                item("CODE", "Finding", ConceptCodeSequence=[code("1", "Cardiomegaly")]),
            ],
        ),
        item("PNAME", "Reader", PersonName="Doctor^Dora"),
        item("DATE", "Read on", Date="20260301"),
        item("IMAGE"),
        item("CONTAINER", "Impression"),
    )
    assert report_text(report).splitlines() == [
        "Findings",
        "  Finding: Effusion.",
        "  No pneumothorax.",
        "  Depth: 12.5 mm",
        "  Finding: Cardiomegaly",
        "Reader: Doctor^Dora",
        "Read on: 20260301",
        "Impression",
    ]


def test_a_real_tree_is_read() -> None:
    reading = ORDINARY
    objects = build_all(reading, draft_of(reading), film_header(), BuildContext())
    text = report_text(objects[ResultKind.REPORT_SR])
    assert "Finding: Lungs are clear." in text
    assert "Impression: No acute finding." in text


def test_where_a_finding_lies_is_told() -> None:
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), BuildContext())
    text = report_text(objects[ResultKind.FINDINGS_SR])
    assert "    Finding Site: Pleura\n      Laterality: Left\n" in text
    assert "Certainty of Finding: 87.5 %" in text
    assert "Language" not in text


def test_the_heading_says_how_far_a_report_is() -> None:
    signer, report = Dataset(), document()
    signer.VerifyingObserverName = "Doctor^Dora\x1b"
    report.ConceptNameCodeSequence = [code("1", "Chest")]
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "VERIFIED"
    report.ContentDate, report.ContentTime = "20260301", "1200"
    report.VerifyingObserverSequence = [signer]
    told = "Chest, COMPLETE, VERIFIED, signed by Doctor^Dora, 2026-03-01 12:00"
    assert report_heading(report) == told
    assert report_heading(Dataset()) == "Report without a title"


def test_hostile_words_steer_nothing() -> None:
    objects = build_all(HOSTILE, draft_of(HOSTILE), film_header(), BuildContext())
    text = report_text(objects[ResultKind.REPORT_SR])
    assert all(line.isprintable() for line in text.splitlines())
    assert "\x1b" not in text


def test_it_is_bounded() -> None:
    deep = item("TEXT", "deep", TextValue="end")
    for _ in range(30):
        deep = item("CONTAINER", "level", ContentSequence=[deep])
    assert "end" not in report_text(document(deep))
    assert report_text(document(deep)).endswith("[...]")
    many = document(*(item("TEXT", TextValue="x" * 100) for _ in range(1000)))
    assert len(report_text(many)) <= LONGEST
    assert report_text(many).endswith("x\n[...]")
    long = report_text(document(item("TEXT", TextValue="y" * 50_000)))
    assert (len(long), long[-7:]) == (LONGEST, "y\n[...]")


def test_what_is_no_tree_has_no_text() -> None:
    assert report_text(Dataset()) == ""
    broken = document(item("TEXT"), item("NUM", "n", MeasuredValueSequence=[]), Dataset())
    assert report_text(broken) == ""
