"""The draft report, TID 2000.

Covers: sections, text, statements, sentences with their links and places, remarks, languages and
refusals. What persons make of a draft is covered in test_reviewed_report; the validators judge it
in test_validators.
"""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

import dicom_sr
from core.reading import Reading
from dicom_sr import concepts
from dicom_sr.context import BuildContext
from dicom_sr.report_sr import build_report_sr
from dicom_sr.wording_table import parse_wording
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header
from tests.dicom_sr.readings import HOSTILE, ORDINARY, TOLD, draft_of
from tests.dicom_sr.trees import children, code_of, named, value_of
from tests.dicom_sr.words import label_code, presence_code

ENGLISH = Path(dicom_sr.__file__).parent / "wording" / "en.toml"


def built(reading: Reading, context: BuildContext | None = None) -> Dataset:
    return build_report_sr(reading, draft_of(reading), film_header(), context or BuildContext())


def test_document() -> None:
    root = built(ORDINARY)
    assert root.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.22"
    assert root.ContentTemplateSequence[0].TemplateIdentifier == "2000"
    flags = (root.PreliminaryFlag, root.CompletionFlag, root.VerificationFlag)
    assert flags == ("PRELIMINARY", "COMPLETE", "UNVERIFIED")


def test_root_holds_what_the_template_asks_for_in_its_order() -> None:
    root = built(TOLD)
    names = [code_of(child.ConceptNameCodeSequence[0])[0] for child in children(root)]
    assert names == [
        *("121058", "121049", "121005", "121012", "121013", "121014", "121015", "121016"),
        *("NOTICE", "11329-0", "55111-9", "55114-3", "59776-5", "19005-8"),
        *("STATEMENTS", "SENTENCES", "111050"),
    ]
    sections = [child for child in children(root) if child.RelationshipType == "CONTAINS"]
    # TID 2000 is closed: nothing but sections may hang at its root.
    assert {section.ValueType for section in sections} == {"CONTAINER"}


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


def test_statements_of_the_model() -> None:
    statements = children(built(ORDINARY), concepts.STATEMENTS_SECTION)[0]
    assert len(children(statements)) == len(ORDINARY.findings)
    for finding in ORDINARY.findings:
        statement = children(statements, label_code(finding.label))[0]
        assert value_of(statement) == presence_code(finding.presence)
        assert finding.id == children(statement, concepts.TRACKING_UID)[0].UID


def test_sentences_name_their_findings_and_keep_their_places() -> None:
    section = children(built(TOLD), concepts.SENTENCES_SECTION)[0]
    for item, sentence in zip(children(section), TOLD.sentences, strict=True):
        assert item.TextValue == sentence.text
        links = [link.UID for link in children(item, concepts.TRACKING_UID)]
        assert tuple(links) == sentence.finding_ids
        regions = children(item, concepts.IMAGE_REGION)
        assert len(regions) == len(sentence.boxes)
        for region, box in zip(regions, sentence.boxes, strict=True):
            assert region.RelationshipType == "INFERRED FROM"
            corners = list(region.GraphicData)[:2] + list(region.GraphicData)[4:6]
            expected = [box.x1 * COLUMNS, box.y1 * ROWS, box.x2 * COLUMNS, box.y2 * ROWS]
            assert corners == pytest.approx(expected, rel=1e-6)
            assert children(region)[0].RelationshipType == "SELECTED FROM"


def test_remarks_on_picture_and_answer_with_their_words_for_machines() -> None:
    quality = children(built(ORDINARY), concepts.QUALITY_SECTION)[0]
    said = [
        (
            code_of(item.ConceptNameCodeSequence[0])[0],
            item.TextValue,
            children(item, concepts.REMARK_CODE)[0].TextValue,
        )
        for item in children(quality)
    ]
    assert said == [
        ("111052", "The patient is rotated to the left.", "rotated"),
        ("CHECK", "One box lay outside the picture.", "boxes_dropped"),
    ]


def test_what_the_model_was_told() -> None:
    root = built(TOLD)
    for heading, words in (
        (concepts.HISTORY, "cough"),
        (concepts.TECHNIQUE_SECTION, "AP, portable"),
        (concepts.COMPARISON_SECTION, "none"),
    ):
        assert children(children(root, heading)[0])[0].TextValue == words


def test_sections_without_words_are_left_out() -> None:
    reading = replace(ORDINARY, quality=(), checks=(), indication=None, findings=())
    version = replace(draft_of(reading), impression=" \x00\n")
    root = build_report_sr(reading, version, film_header(), BuildContext())
    assert [code_of(child.ConceptNameCodeSequence[0])[0] for child in children(root)][-2:] == [
        *("NOTICE", "59776-5"),
    ]


def test_a_blank_remark_is_no_item() -> None:
    quality = children(built(HOSTILE), concepts.QUALITY_SECTION)[0]
    assert len(children(quality)) == 1


def test_a_report_without_findings_text_is_refused() -> None:
    version = replace(draft_of(ORDINARY), findings="\x00\u200b \n")
    with pytest.raises(ValueError, match="has no findings text"):
        build_report_sr(ORDINARY, version, film_header(), BuildContext())


def test_headings_are_in_the_sites_language_and_the_models_words_say_theirs() -> None:
    words = tomllib.loads(ENGLISH.read_text())
    words["language"] = {"tag": "de-CH", "name": "Deutsch"}
    words["headings"]["findings"] = "Befund"
    root = built(TOLD, BuildContext(wording=parse_wording(words)))
    assert value_of(children(root, concepts.LANGUAGE)[0]) == ("de-CH", "RFC5646")
    findings = children(root, concepts.FINDINGS_SECTION)[0]
    assert findings.ConceptNameCodeSequence[0].CodeMeaning == "Befund"
    section = children(root, concepts.SENTENCES_SECTION)[0]
    own_words = [*children(findings), *children(section)]
    for item in own_words:
        assert value_of(children(item, concepts.LANGUAGE)[0]) == ("en", "RFC5646")
    # The indication is the hospital's, in nobody knows which language.
    indication = children(children(root, concepts.HISTORY)[0])[0]
    assert not children(indication)


def test_english_words_in_an_english_document_say_nothing_of_it() -> None:
    assert len(named(built(TOLD), concepts.LANGUAGE)) == 1
