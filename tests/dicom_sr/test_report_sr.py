"""The draft report, TID 2000.

Covers: sections, text, statements, remarks and refusals. The validators judge it in
test_validators.
"""

from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from core.reading import Reading
from dicom_sr import concepts
from dicom_sr.codes import LABELS, PRESENCES
from dicom_sr.context import BuildContext
from dicom_sr.report_sr import build_report_sr
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import HOSTILE, ORDINARY, draft_of
from tests.dicom_sr.trees import children, named, value_of


def built(reading: Reading) -> Dataset:
    return build_report_sr(reading, draft_of(reading), film_header(), BuildContext())


def test_document() -> None:
    root = built(ORDINARY)
    assert root.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.22"
    assert root.ContentTemplateSequence[0].TemplateIdentifier == "2000"
    flags = (root.PreliminaryFlag, root.CompletionFlag, root.VerificationFlag)
    assert flags == ("PRELIMINARY", "COMPLETE", "UNVERIFIED")


def test_the_text_is_whole() -> None:
    version = replace(draft_of(ORDINARY), findings="line\n" * 2000 + "end", impression="a \\ b")
    root = build_report_sr(ORDINARY, version, film_header(), BuildContext())
    finding = named(root, concepts.FINDING)[0].TextValue
    assert finding.split("\r\n") == ["line"] * 2000 + ["end"]
    assert named(root, concepts.IMPRESSION)[0].TextValue == "a \\ b"


def test_the_text_is_the_versions_not_the_readings() -> None:
    version = replace(draft_of(ORDINARY), findings="Another text.")
    root = build_report_sr(ORDINARY, version, film_header(), BuildContext())
    assert named(root, concepts.FINDING)[0].TextValue == "Another text."


def test_statements_below_the_findings() -> None:
    findings = children(built(ORDINARY), concepts.FINDINGS_SECTION)[0]
    for finding in ORDINARY.findings:
        statement = children(findings, LABELS[finding.label].code)[0]
        assert value_of(statement) == PRESENCES[finding.presence].code[:2]


def test_remarks_on_picture_and_answer() -> None:
    quality = children(built(ORDINARY), concepts.QUALITY_SECTION)[0]
    said = [
        (item.ConceptNameCodeSequence[0].CodeValue, item.TextValue) for item in children(quality)
    ]
    assert said == [
        ("111052", "The patient is rotated to the left."),
        ("121106", "One box lay outside the picture."),
    ]


def test_the_indication_that_the_model_was_given() -> None:
    assert children(children(built(ORDINARY), concepts.HISTORY)[0])[0].TextValue == "cough"


def test_sections_without_words_are_left_out() -> None:
    reading = replace(ORDINARY, quality=(), checks=(), indication=None)
    version = replace(draft_of(reading), impression=" \x00\n")
    root = build_report_sr(reading, version, film_header(), BuildContext())
    for heading in (concepts.IMPRESSIONS_SECTION, concepts.QUALITY_SECTION, concepts.HISTORY):
        assert not named(root, heading)


def test_a_blank_remark_is_no_item() -> None:
    quality = children(built(HOSTILE), concepts.QUALITY_SECTION)[0]
    assert len(children(quality)) == 1


def test_a_report_without_findings_text_is_refused() -> None:
    version = replace(draft_of(ORDINARY), findings="\x00\u200b \n")
    with pytest.raises(ValueError, match="has no findings text"):
        build_report_sr(ORDINARY, version, film_header(), BuildContext())
