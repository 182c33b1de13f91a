"""Which other instances an object names, and what sort of object it is."""

from contextlib import suppress
from enum import StrEnum
from typing import Final

from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.uids import is_uid
from dicom_sr import values
from dicom_sr.content_tree import items_of, read_tree
from dicom_sr.content_values import instances_of

MOST_REFERENCES: Final = 5_000
"""Instances of one object that are looked at."""
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_KEY_OBJECTS: Final = _STORAGE + "88.59"
_PDF: Final = _STORAGE + "104.1"


class Sort(StrEnum):
    """What sort of object it is, for a person who looks at it."""

    REPORT = "structured report"
    KEY_OBJECTS = "key object selection"
    MARKS = "presentation state"
    PDF = "encapsulated PDF"
    PICTURE = "picture"
    OTHER = "object"


def sort_of(sop_class_uid: str, *, has_pixels: bool) -> Sort:
    """Tell what an object is.

    Parameters
    ----------
    sop_class_uid
        Its class.
    has_pixels
        Whether it has a size in pixels.
    """
    if sop_class_uid == _KEY_OBJECTS:
        return Sort.KEY_OBJECTS
    if sop_class_uid == _PDF:
        return Sort.PDF
    if sop_class_uid.startswith(_STORAGE + "88."):
        return Sort.REPORT
    if sop_class_uid.startswith(_STORAGE + "11."):
        return Sort.MARKS
    return Sort.PICTURE if has_pixels else Sort.OTHER


def referenced_instances(document: Dataset) -> tuple[str, ...]:
    """Give the SOP Instance UIDs that an object is of, each once, in the object's order.

    The evidence of documents, the images of presentation states, the sources of pictures and of
    encapsulated documents; the images of a content tree where a document names no evidence.
    """
    found: list[str] = []
    for evidence in (
        "CurrentRequestedProcedureEvidenceSequence",
        "PertinentOtherEvidenceSequence",
    ):
        for study in items_of(document, evidence):
            for series in items_of(study, "ReferencedSeriesSequence"):
                found += _uids(series, "ReferencedSOPSequence")
    for series in items_of(document, "ReferencedSeriesSequence"):
        found += _uids(series, "ReferencedImageSequence")
    for keyword in ("SourceImageSequence", "SourceInstanceSequence", "ReferencedImageSequence"):
        found += _uids(document, keyword)
    return tuple(dict.fromkeys((found or _in_content(document))[:MOST_REFERENCES]))


def instance_uid(dataset: Dataset) -> str:
    """Give an object's own SOP Instance UID; empty where it has no usable one."""
    uid = values.text(dataset, "SOPInstanceUID").strip(" \0")
    return uid if is_uid(uid) else ""


def _in_content(document: Dataset) -> list[str]:
    with suppress(UnreadableObjectError):
        return [
            instance.sop_instance_uid
            for node in read_tree(document).walk()
            if node.value_type == "IMAGE"
            for instance in instances_of(node)
        ]
    return []


def _uids(place: Dataset, keyword: str) -> list[str]:
    return [
        uid
        for item in items_of(place, keyword)[:MOST_REFERENCES]
        if is_uid(uid := values.text(item, "ReferencedSOPInstanceUID").strip(" \0"))
    ]
