"""The draft report as a radiologist reads it: basic diagnostic imaging report (TID 2000).

Sections History (the indication that the model was given), Findings, Impressions and Quality
Assessment; the coded statements below Findings carry the tracking UIDs of the other objects.
"""

from highdicom.sr import ContainerContentItem, ContentItem
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import EnhancedSRStorage

from core.reading import Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr import concepts, items
from dicom_sr.checks import check_inputs
from dicom_sr.codes import LABELS, PRESENCES
from dicom_sr.context import BuildContext
from dicom_sr.document import new_document
from dicom_sr.header import ObjectClass
from dicom_sr.linkage import TrackedFinding, tracked, tracking
from dicom_sr.observers import banner, document_context
from dicom_sr.source import Film, read_source
from dicom_sr.text import paragraphs


def build_report_sr(
    reading: Reading, version: ReportVersion, source: Dataset, context: BuildContext
) -> Dataset:
    """Build the Enhanced SR of a draft report.

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
        If the version is not a draft of this reading, or has no findings text.
    """
    check_inputs(reading, version, ResultKind.REPORT_SR)
    if not paragraphs(version.findings):
        message = f"version {version.id} has no findings text"
        raise ValueError(message)
    film = read_source(source)
    sections = [
        _section(concepts.HISTORY, [_text(concepts.HISTORY, reading.indication or "")]),
        _findings_section(reading, version, film.film),
        _section(concepts.IMPRESSIONS_SECTION, [_text(concepts.IMPRESSION, version.impression)]),
        _quality_section(reading),
    ]
    root = items.container(
        concepts.DIAGNOSTIC_IMAGING_REPORT,
        [
            *document_context(reading.model, context),
            *banner(reading, context),
            *(section for section in sections if section is not None),
        ],
        relationship=None,
        template="2000",
    )
    sort = ObjectClass(ResultKind.REPORT_SR, EnhancedSRStorage, "SR")
    return new_document(sort, root, reading, version, source=film, context=context)


def _text(name: Code, words: str) -> ContentItem | None:
    cleaned = paragraphs(words)
    return items.text(name, cleaned, items.CONTAINS) if cleaned else None


def _section(heading: Code, children: list[ContentItem | None]) -> ContainerContentItem | None:
    """Make a section, None where nothing is to be said under its heading."""
    said = [child for child in children if child is not None]
    return items.container(heading, said) if said else None


def _findings_section(
    reading: Reading, version: ReportVersion, film: Film
) -> ContainerContentItem | None:
    narrative = items.text(concepts.FINDING, paragraphs(version.findings), items.CONTAINS)
    items.with_children(narrative, [items.image(film, items.INFERRED_FROM)])
    statements = (_statement(finding) for finding in tracked(reading))
    return _section(concepts.FINDINGS_SECTION, [narrative, *statements])


def _statement(finding: TrackedFinding) -> ContentItem:
    label = LABELS[finding.finding.label].code
    presence = PRESENCES[finding.finding.presence].code
    statement = items.code(label, presence, items.CONTAINS)
    return items.with_children(statement, tracking(finding, items.HAS_PROPERTIES))


def _quality_section(reading: Reading) -> ContainerContentItem | None:
    quality = [_text(concepts.QUALITY_FINDING, remark.text) for remark in reading.quality]
    checks = [_text(concepts.COMMENT, remark.text) for remark in reading.checks]
    return _section(concepts.QUALITY_SECTION, [*quality, *checks])
