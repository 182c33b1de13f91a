"""The rejection note on results of ours, and what a later document says that it replaces.

Covered: IOCM's demands on the note (title, references, evidence), dciodvfy and dsrdump on it, UIDs
that stay the same, and predecessors in both documents. Not covered: archives that act on notes.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from core.reading import Reading
from core.states import ResultKind
from dicom_sr import concepts
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, FilmPlace, Replaced, Variant
from dicom_sr.rejection import RejectedResult, RejectionNote, build_rejection
from tests.dicom_sr.headers import NASTY, film_header
from tests.dicom_sr.readings import DEMO, HOSTILE, ORDINARY, draft_of
from tests.dicom_sr.trees import named
from tests.dicom_sr.words import BANNER, DEMO_NOTICE
from tests.peers.dcmtk import dsrdump
from tests.peers.dicom3tools import dciodvfy

CONTEXT = BuildContext(institution="General Hospital", timezone="Europe/Berlin")
ENHANCED, GSPS = "1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.11.1"
RESULTS = (
    RejectedResult(ENHANCED, "1.2.3.4", "1.2.3.40"),
    RejectedResult(GSPS, "1.2.3.5", "1.2.3.50"),
    RejectedResult(ENHANCED, "1.2.3.6", "1.2.3.40"),
)
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def note(code: str = "113001", results: tuple[RejectedResult, ...] = RESULTS) -> RejectionNote:
    return RejectionNote(code, MOMENT, results)


def built(reading: Reading = ORDINARY, **changes: Any) -> Dataset:
    return build_rejection(note(), reading, film_header(**changes), CONTEXT)


def references(item: Dataset) -> list[tuple[str, str, str]]:
    """Give series, class and instance of all that a hierarchical reference names."""
    return [
        (series.SeriesInstanceUID, one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID)
        for series in item.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    ]


@pytest.mark.parametrize("code", concepts.REJECTION_TITLES)
def test_the_title_says_why_and_every_result_is_named(code: str) -> None:
    dataset = build_rejection(note(code), ORDINARY, film_header(), CONTEXT)
    (title,) = dataset.ConceptNameCodeSequence
    assert (title.CodeValue, title.CodingSchemeDesignator) == (code, "DCM")
    assert dataset.ContentTemplateSequence[0].TemplateIdentifier == "2010"
    (study,) = dataset.CurrentRequestedProcedureEvidenceSequence
    assert study.StudyInstanceUID == dataset.StudyInstanceUID == film_header().StudyInstanceUID
    assert references(study) == [
        ("1.2.3.40", ENHANCED, "1.2.3.4"),
        ("1.2.3.40", ENHANCED, "1.2.3.6"),
        ("1.2.3.50", GSPS, "1.2.3.5"),
    ]
    named = [item for item in dataset.ContentSequence if item.ValueType == "COMPOSITE"]
    assert [item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in named] == [
        "1.2.3.4",
        "1.2.3.5",
        "1.2.3.6",
    ]
    assert not any("ConceptNameCodeSequence" in item for item in named)
    assert {"113011", "111218"}.isdisjoint(
        name.CodeValue
        for item in dataset.ContentSequence
        for name in item.get("ConceptNameCodeSequence", ())
    )


def test_it_is_a_key_object_of_the_films_study_and_patient() -> None:
    dataset, header = built(), film_header()
    assert (dataset.Modality, dataset.SOPClassUID.name) == (
        "KO",
        "Key Object Selection Document Storage",
    )
    assert dataset.PatientID == header.PatientID
    assert dataset.SeriesNumber == 9004
    assert (dataset.ContentDate, dataset.ContentTime) == ("20260301", "130000")


@pytest.mark.parametrize("reading", [ORDINARY, DEMO, HOSTILE], ids=["plain", "demo", "hostile"])
def test_the_validators_agree(reading: Reading, tmp_path: Path) -> None:
    path = tmp_path / "note.dcm"
    path.write_bytes(encoded(built(reading)))
    assert dciodvfy(path) == []
    said = [
        line
        for line in dsrdump(path).complaints
        if "ISO_IR 192" not in line and "template constraints" not in line
    ]
    assert said == []


@pytest.mark.parametrize("changes", NASTY.values(), ids=NASTY)
def test_odd_headers(changes: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "note.dcm"
    path.write_bytes(encoded(built(**changes)))
    assert dciodvfy(path) == []


def test_it_carries_the_banner() -> None:
    dataset = built(DEMO)
    texts = [item.TextValue for item in dataset.ContentSequence if item.ValueType == "TEXT"]
    for words in (dataset.SeriesDescription, texts[-1]):
        assert BANNER in words
        assert DEMO_NOTICE in words
    assert len(dataset.SeriesDescription) <= 64


def test_the_same_results_make_the_same_note() -> None:
    backwards = note(results=tuple(reversed(RESULTS)))
    again = build_rejection(backwards, ORDINARY, film_header(), replace(CONTEXT, institution="X"))
    assert again.SOPInstanceUID == built().SOPInstanceUID
    fewer = build_rejection(note(results=RESULTS[:2]), ORDINARY, film_header(), CONTEXT)
    other = build_rejection(note("113037"), ORDINARY, film_header(), CONTEXT)
    uids = {item.SOPInstanceUID for item in (built(), fewer, other)}
    series = {item.SeriesInstanceUID for item in (built(), fewer, other)}
    assert len(uids) == len(series) == 3
    assert not uids & series


@pytest.mark.parametrize(
    ("code", "results", "words"),
    [
        ("113000", RESULTS, "no title of a rejection note: '113000'"),
        ("113001", (), "name something"),
    ],
)
def test_what_is_no_note(code: str, results: tuple[RejectedResult, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        note(code, results)


REPLACES = (
    Replaced(ResultKind.FINDINGS_SR, "1.2.840.10008.5.1.4.1.1.88.34", "1.2.3.4", "1.2.3.40"),
    Replaced(ResultKind.REPORT_SR, ENHANCED, "1.2.3.5", "1.2.3.50"),
)


def test_each_document_names_its_own_predecessor(tmp_path: Path) -> None:
    context = replace(CONTEXT, replaces=REPLACES)
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), context)
    for one in REPLACES:
        (study,) = objects[one.kind].PredecessorDocumentsSequence
        assert study.StudyInstanceUID == film_header().StudyInstanceUID
        assert references(study) == [(one.series_uid, one.sop_class_uid, one.sop_instance_uid)]
        (referenced,) = study.ReferencedSeriesSequence[0].ReferencedSOPSequence
        (purpose,) = referenced.PurposeOfReferenceCodeSequence
        assert (purpose.CodeValue, purpose.CodingSchemeDesignator) == ("121360", "DCM")
        path = tmp_path / "document.dcm"
        path.write_bytes(encoded(objects[one.kind]))
        assert dciodvfy(path) == []
    # Presentation states have no place for one.
    assert "PredecessorDocumentsSequence" not in objects[ResultKind.GSPS]


def test_what_replaces_something_else_is_another_object() -> None:
    def uids(context: BuildContext) -> dict[ResultKind, str]:
        objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), context)
        return {kind: item.SOPInstanceUID for kind, item in objects.items()}

    bare, named = uids(CONTEXT), uids(replace(CONTEXT, replaces=REPLACES[:1]))
    assert {kind for kind in bare if bare[kind] != named[kind]} == {ResultKind.FINDINGS_SR}


def _comments(dataset: Dataset) -> list[str]:
    return [item.TextValue for item in named(dataset, concepts.COMMENT)]


def test_of_several_films_a_document_says_which_one_it_is_of() -> None:
    context = replace(CONTEXT, place=FilmPlace(1, 2, "PA"))
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), context)
    for kind in (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR):
        assert " PA 1/2: " in objects[kind].SeriesDescription
        assert _comments(objects[kind])[1] == (
            "Draft of one of 2 frontal films of this study: PA, number 1, the preferred one"
        )
    later = replace(CONTEXT, place=FilmPlace(2, 2))
    report = build_all(DEMO, draft_of(DEMO), film_header(), later)[ResultKind.REPORT_SR]
    # The banner goes before: there is no room for more in 64 characters.
    assert report.SeriesDescription == f"Report: {BANNER}, {DEMO_NOTICE}"
    assert _comments(report)[1] == "Draft of one of 2 frontal films of this study: number 2"


def test_the_only_film_says_nothing_of_others() -> None:
    context = replace(CONTEXT, place=FilmPlace(1, 1, "PA"), variant=Variant())
    alone, bare = (
        build_all(ORDINARY, draft_of(ORDINARY), film_header(), one) for one in (context, CONTEXT)
    )
    assert {kind: encoded(item) for kind, item in alone.items()} == {
        kind: encoded(item) for kind, item in bare.items()
    }


@pytest.mark.parametrize(("number", "of"), [(0, 1), (2, 1), (1, 0)])
def test_a_place_is_among_the_films(number: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"no place among {of} films: {number}"):
        FilmPlace(number, of)
