"""The report as a radiologist reads it: basic diagnostic imaging report (TID 2000).

First what it is and who answers for it; then what the model was told, the text, the findings that
the model coded with the tracking UIDs of the other objects, its sentences with what they state
and where, and the remarks on picture and answer. Of a version that a person wrote the text is the
person's, and none of the model's statements is there: they stand in its own documents.
"""

from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import EnhancedSRStorage

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from core.states import ResultKind
from dicom_sr import concepts, items
from dicom_sr.checks import check_inputs
from dicom_sr.context import BuildContext
from dicom_sr.document import new_document
from dicom_sr.header import ObjectClass
from dicom_sr.linkage import TrackedFinding, tracked, tracking
from dicom_sr.observers import (
    banner,
    device_observer,
    in_own_language,
    language,
    observers,
    procedure_reported,
)
from dicom_sr.remarks import quality_items, remark_items
from dicom_sr.sentences import sentence_items
from dicom_sr.source import Film, read_source
from dicom_sr.standing import keeps_statements
from dicom_sr.text import paragraphs
from dicom_sr.wording_table import Heading, Phrase

_CODES = {
    Heading.NOTICE: concepts.NOTICE_SECTION,
    Heading.HISTORY: concepts.HISTORY,
    Heading.TECHNIQUE: concepts.TECHNIQUE_SECTION,
    Heading.COMPARISON: concepts.COMPARISON_SECTION,
    Heading.FINDINGS: concepts.FINDINGS_SECTION,
    Heading.IMPRESSIONS: concepts.IMPRESSIONS_SECTION,
    Heading.STATEMENTS: concepts.STATEMENTS_SECTION,
    Heading.SENTENCES: concepts.SENTENCES_SECTION,
    Heading.QUALITY: concepts.QUALITY_SECTION,
}


def build_report_sr(
    reading: Reading, version: ReportVersion, source: Dataset, context: BuildContext
) -> Dataset:
    """Build the Enhanced SR of a report version.

    Parameters
    ----------
    reading
        What the model said; its remarks on picture and answer go into the report.
    version
        The text.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant.

    Returns
    -------
    Dataset
        Complete, with file meta information.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is of another reading, or has no findings text.
    """
    check_inputs(reading, version, ResultKind.REPORT_SR)
    if not paragraphs(version.findings):
        message = f"version {version.id} has no findings text"
        raise ValueError(message)
    film = read_source(source)
    wording = context.wording
    sections = _sections(reading, version, film.film, context)
    root = items.container(
        wording.heading(Heading.TITLE, concepts.DIAGNOSTIC_IMAGING_REPORT),
        [
            procedure_reported(),
            language(context),
            *observers(version, reading.model, context),
            *(
                items.container(wording.heading(heading, _CODES[heading]), said)
                for heading, said in sections.items()
                if said
            ),
        ],
        relationship=None,
        template="2000",
    )
    sort = ObjectClass(ResultKind.REPORT_SR, EnhancedSRStorage, "SR")
    return new_document(sort, root, reading, version, source=film, context=context)


def _sections(
    reading: Reading, version: ReportVersion, film: Film, context: BuildContext
) -> dict[Heading, Sequence[Dataset]]:
    """Give what stands under each heading; nothing where nothing is to be said."""
    kept = keeps_statements(reading, version)
    return {
        Heading.NOTICE: banner(reading, version, context),
        Heading.HISTORY: _text(concepts.HISTORY, reading.indication),
        Heading.TECHNIQUE: _text(concepts.TECHNIQUE, reading.technique),
        Heading.COMPARISON: _text(concepts.COMPARISON_SECTION, reading.comparison),
        Heading.FINDINGS: [
            items.with_children(item, [*_below(item), items.image(film, items.INFERRED_FROM)])
            for item in _report(concepts.FINDING, version.findings, version, context)
        ],
        Heading.IMPRESSIONS: _report(concepts.IMPRESSION, version.impression, version, context),
        Heading.STATEMENTS: _statements(reading, version, context),
        Heading.SENTENCES: sentence_items(reading.sentences, film, context) if kept else [],
        Heading.QUALITY: _remarks(reading, version, context),
    }


def _text(name: Code, words: str | None) -> list[Dataset]:
    cleaned = paragraphs(words or "")
    return [items.text(name, cleaned, items.CONTAINS)] if cleaned else []


def _report(name: Code, words: str, version: ReportVersion, context: BuildContext) -> list[Dataset]:
    """Give a part of the text; what a person wrote is in the person's language."""
    found = _text(name, words)
    if version.kind is ReportKind.EDITED:
        return found
    return [in_own_language(item, context) for item in found]


def _below(item: Dataset) -> list[Dataset]:
    return list(item.get("ContentSequence", ()))


def _statements(reading: Reading, version: ReportVersion, context: BuildContext) -> list[Dataset]:
    """Give what the model coded, or where it stands; whose it is where it matters."""
    if not keeps_statements(reading, version):
        words = context.wording.phrase(Phrase.NOT_REPEATED)
        return [items.text(concepts.COMMENT, words, items.CONTAINS)]
    found = [_statement(finding, context) for finding in tracked(reading)]
    if not found or version.kind is ReportKind.DRAFT:
        return found
    # The document's observers are a person and the model; these are the model's alone.
    return [*device_observer(reading.model, context), *found]


def _remarks(reading: Reading, version: ReportVersion, context: BuildContext) -> list[Dataset]:
    """Give the remarks; those on the model's answer only where that answer is the text."""
    kept = keeps_statements(reading, version)
    found = remark_items(reading, context) if kept else quality_items(reading, context)
    if not found or version.kind is ReportKind.DRAFT:
        return found
    words = context.wording.phrase(Phrase.REMARKS)
    said = items.text(concepts.COMMENT, words, items.CONTAINS)
    return [*device_observer(reading.model, context), said, *found]


def _statement(finding: TrackedFinding, context: BuildContext) -> Dataset:
    label = context.codes.label(finding.finding.label)
    presence = context.codes.presence(finding.finding.presence)
    statement = items.code(label, presence, items.CONTAINS)
    return items.with_children(statement, tracking(finding, items.HAS_PROPERTIES))
