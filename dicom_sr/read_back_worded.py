"""Our report (TID 2000) read back: the text and what stands beside it, without scores."""

from pydicom.sr.coding import Code

from core.errors import UnreadableObjectError
from core.reading import DraftReport, Finding, Given
from dicom_sr import concepts
from dicom_sr.code_table import CodeTable
from dicom_sr.content_tree import Node
from dicom_sr.content_values import instances_of, uid_of
from dicom_sr.read_back_items import (
    label_of,
    presence_of,
    remarks_of,
    sentences_of,
    words_of,
)
from dicom_sr.read_back_part import NO_SIZE, ReadBack, Size

OF_THE_REPORT = "flags, scores, sites and boxes of the findings: only the report is there"
OF_A_PERSON = "the draft: the report's text is a person's"


def worded_part(root: Node, codes: CodeTable, size: Size | None) -> ReadBack:
    """Read the report.

    Parameters
    ----------
    root
        Its content.
    codes
        The table in force where it was made.
    size
        Rows and columns of the film; None leaves the sentences' boxes out and says so.

    Raises
    ------
    UnreadableObjectError
        If it is not as ours are.
    """
    person = root.first(concepts.PERSON_OBSERVER_NAME) is not None
    findings = root.first(concepts.FINDINGS_SECTION)
    text = None if findings is None else findings.first(concepts.FINDING)
    impressions = root.first(concepts.IMPRESSIONS_SECTION)
    impression = None if impressions is None else impressions.first(concepts.IMPRESSION)
    section = root.first(concepts.SENTENCES_SECTION)
    quality, checks = remarks_of(root.first(concepts.QUALITY_SECTION))
    device = root.first(concepts.DEVICE_OBSERVER_UID)
    placed = section is not None and any(
        one.first(concepts.IMAGE_REGION) for one in section.children
    )
    missing = [OF_THE_REPORT]
    if placed and size is None:
        missing.append(NO_SIZE)
    if person:
        # What of the draft's sentences and findings no longer stands is not repeated there.
        missing.append(OF_A_PERSON)
    return ReadBack(
        film_uid=_film(text),
        model_uid=None if device is None else uid_of(device),
        findings=None if person else _statements(root.first(concepts.STATEMENTS_SECTION), codes),
        report=None if person else DraftReport(words_of(text), words_of(impression)),
        quality=quality,
        checks=checks,
        given=Given(
            _said(root, concepts.HISTORY, concepts.HISTORY),
            _said(root, concepts.TECHNIQUE_SECTION, concepts.TECHNIQUE),
            _said(root, concepts.COMPARISON_SECTION, concepts.COMPARISON_SECTION),
        ),
        sentences=None if person else sentences_of(section, size),
        missing=tuple(missing),
    )


def _film(text: Node | None) -> str | None:
    images = () if text is None else text.children
    found = (instance for node in images for instance in instances_of(node))
    first = next(found, None)
    return None if first is None else first.sop_instance_uid


def _said(root: Node, heading: Code, name: Code) -> str | None:
    section = root.first(heading)
    return None if section is None else words_of(section.first(name)) or None


def _statements(section: Node | None, codes: CodeTable) -> tuple[Finding, ...]:
    found = []
    for node in () if section is None else section.children:
        tracking = node.first(concepts.TRACKING_UID)
        if node.value_type != "CODE" or tracking is None:
            continue
        uid = uid_of(tracking)
        if uid is None:
            message = "a statement without a usable tracking UID"
            raise UnreadableObjectError(message)
        found.append(Finding(uid, label_of(node.name, codes), presence_of(node, codes)))
    return tuple(found)
