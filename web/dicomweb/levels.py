"""What a search gives of a study, a series and an instance (PS3.18 section 10.6.3.3)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydicom import uid

from db.models import Study
from db.models.types import clean_text
from db.stored_objects import StoredObject
from web.dicomweb.attributes import AttributePath, vr_of
from web.dicomweb.documents import known_document, values_at
from web.dicomweb.json_model import Document

STUDY_UID: Final = "0020000D"
SERIES_UID: Final = "0020000E"
INSTANCE_UID: Final = "00080018"
CLASS_UID: Final = "00080016"
MODALITY: Final = "00080060"
MODALITIES: Final = "00080061"
_PATIENT_GROUP: Final = "0010"
_STUDY_TAGS: Final = (
    *("00080020", "00080030", "00080090", "00080201", "00200010"),
    *("00081032", "00081048", "00081060", "00081080"),
)
"""Of the header, beside what the row of the study knows better."""
_USUAL_STUDY_TAGS: Final = _STUDY_TAGS[:5]
_SERIES_TAGS: Final = (
    *("00080021", "00080031", "0008103E", "00200011", "00400244", "00400245", "00400275"),
    *("00080070", "00081010", "00081050", "00081090", "00180015", "00181030", "00185100"),
)
_USUAL_SERIES_TAGS: Final = _SERIES_TAGS[:7]
_USUAL_INSTANCE_TAGS: Final = (
    *("00080201", "00200013", "00280008", "00280010", "00280011", "00280100", "00420010"),
)
_CLASS_MODALITIES: Final = {
    uid.EnhancedSRStorage: "SR",
    uid.ComprehensiveSRStorage: "SR",
    uid.Comprehensive3DSRStorage: "SR",
    uid.GrayscaleSoftcopyPresentationStateStorage: "PR",
    uid.KeyObjectSelectionDocumentStorage: "KO",
    uid.EncapsulatedPDFStorage: "DOC",
}
"""Modality of objects of a class (PS3.3 sections A.35, A.33 and A.45)."""


def header_of(stored: StoredObject) -> Document:
    """Give an object's header, as far as it can be had."""
    return known_document(stored.path)


def modality_of(stored: StoredObject) -> str:
    """Give an object's modality, without its header where its class tells."""
    known = _CLASS_MODALITIES.get(uid.UID(stored.sop_class_uid))
    return known or "".join(map(str, values_at(header_of(stored), (MODALITY,))[:1]))


def series_of(stored: StoredObject) -> str:
    """Give the Series Instance UID of an object."""
    return stored.series_uid or "".join(map(str, values_at(header_of(stored), (SERIES_UID,))[:1]))


def bulk_address(stored: StoredObject, study_address: str) -> str:
    """Give the URL below which an object's long values are, from that of its study."""
    return f"{study_address}/series/{series_of(stored)}/instances/{stored.uid}/bulkdata/"


def study_row(study: Study) -> Document:
    """Give what the database knows of a study and its patient, as last told."""
    parts = study.patient_name.split("=")
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), parts, strict=False)
    name = {group: part for group, part in groups if part}
    return {
        "00080050": _of("SH", study.accession),
        "00081030": _of("LO", study.description),
        "00100010": {"vr": "PN", "Value": [name]} if name else {"vr": "PN"},
        "00100020": _of("LO", study.patient_id),
        "00100021": _of("LO", study.issuer),
        "00100030": _of("DA", study.birth_date),
        "00100040": _of("CS", study.sex),
        STUDY_UID: _of("UI", study.uid),
    }


def study_record(study: Study, objects: Sequence[StoredObject], url: str) -> Document:
    """Give what is told of a study without being asked; `url` is where it is retrieved."""
    series = {series_of(stored) for stored in objects}
    return {
        **_of_header(objects[0], _USUAL_STUDY_TAGS),
        **study_row(study),
        "00080005": _of("CS", "ISO_IR 192"),
        "00080056": _of("CS", _availability(objects)),
        MODALITIES: _of("CS", *sorted({modality_of(stored) for stored in objects})),
        "00081190": _of("UR", url),
        "00201206": _of("IS", len(series)),
        "00201208": _of("IS", len(objects)),
    }


def series_record(objects: Sequence[StoredObject], url: str) -> Document:
    """Give what is told of a series."""
    first = objects[0]
    return {
        **_of_header(first, _USUAL_SERIES_TAGS),
        "00080005": _of("CS", "ISO_IR 192"),
        "00080056": _of("CS", _availability(objects)),
        MODALITY: _of("CS", modality_of(first)),
        "00081190": _of("UR", url),
        SERIES_UID: _of("UI", series_of(first)),
        "00201209": _of("IS", len(objects)),
    }


def instance_record(stored: StoredObject, url: str) -> Document:
    """Give what is told of an instance."""
    syntax = stored.transfer_syntax_uid or str(uid.ExplicitVRLittleEndian)
    return {
        **_of_header(stored, _USUAL_INSTANCE_TAGS),
        "00080005": _of("CS", "ISO_IR 192"),
        CLASS_UID: _of("UI", stored.sop_class_uid),
        INSTANCE_UID: _of("UI", stored.uid),
        "00080056": _of("CS", _availability((stored,))),
        "00081190": _of("UR", url),
        "00083002": _of("UI", *sorted({syntax, str(uid.ExplicitVRLittleEndian)})),
    }


def gathered(objects: Iterable[StoredObject]) -> Document:
    """Give the UIDs of everything below a study or series, to be matched and not to be told."""
    found = tuple(objects)
    return {
        CLASS_UID: _of("UI", *{stored.sop_class_uid for stored in found}),
        INSTANCE_UID: _of("UI", *(stored.uid for stored in found)),
        SERIES_UID: _of("UI", *{series_of(stored) for stored in found}),
        MODALITY: _of("CS", *{modality_of(stored) for stored in found}),
    }


def more_of_study(document: Document) -> Document:
    """Give every attribute of a header that is of the study or the patient."""
    return {
        tag: element
        for tag, element in document.items()
        if tag.startswith(_PATIENT_GROUP) or tag in _STUDY_TAGS
    }


def more_of_series(document: Document) -> Document:
    """Give every attribute of a header that is of the series."""
    return {tag: document[tag] for tag in _SERIES_TAGS if tag in document}


def included(document: Document, paths: Iterable[AttributePath]) -> Document:
    """Give the attributes that were asked for, empty where the header has none of them.

    One within a sequence is given with the whole sequence.
    """
    return {path[0]: document.get(path[0], {"vr": vr_of(path[:1])}) for path in paths}


def _of_header(stored: StoredObject, tags: Iterable[str]) -> Document:
    document = header_of(stored)
    return {tag: document[tag] for tag in tags if tag in document}


def _availability(objects: Iterable[StoredObject]) -> str:
    return "UNAVAILABLE" if any(stored.pixels_removed for stored in objects) else "ONLINE"


def _of(vr: str, *values: Any) -> Document:
    """Give an element; an empty value is none."""
    kept = [clean_text(value) if isinstance(value, str) else value for value in values]
    kept = [value for value in kept if value != ""]
    return {"vr": vr, "Value": kept} if kept else {"vr": vr}
