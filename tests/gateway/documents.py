"""Rejection notes and reports as other systems write them, for tests."""

from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import (
    BasicTextSRStorage,
    KeyObjectSelectionDocumentStorage,
    generate_uid,
)

from tests.gateway.objects import film

NO_PICTURE: dict[str, None] = dict.fromkeys(
    (
        "Rows",
        "Columns",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "PixelData",
        "BodyPartExamined",
        "ViewPosition",
    )
)


def code(value: str, meaning: str = "meaning", scheme: str = "DCM") -> Dataset:
    """Make a code's item."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def reference(uid: str, sop_class: str, purpose: str | None = None) -> Dataset:
    """Make a reference to an instance, with a purpose where one is given."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class
    item.ReferencedSOPInstanceUID = uid
    if purpose is not None:
        item.PurposeOfReferenceCodeSequence = [code(purpose)]
    return item


def evidence(films: Sequence[Dataset], purpose: str | None = None) -> list[Dataset]:
    """Name instances by study, series and instance (PS3.3 table C.17-3)."""
    found = []
    for one in films:
        series = Dataset()
        series.SeriesInstanceUID = one.SeriesInstanceUID
        series.ReferencedSOPSequence = [reference(one.SOPInstanceUID, one.SOPClassUID, purpose)]
        study = Dataset()
        study.StudyInstanceUID = one.StudyInstanceUID
        study.ReferencedSeriesSequence = [series]
        found.append(study)
    return found


def _document(of: Dataset, sop_class: str, modality: str, values: dict[str, Any]) -> Dataset:
    patient = {
        keyword: of.get(keyword)
        for keyword in ("PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate")
    }
    facts: dict[str, Any] = {
        **NO_PICTURE,
        **patient,
        "PatientSex": of.get("PatientSex"),
        "SOPClassUID": sop_class,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": of.StudyInstanceUID,
        "StudyDate": of.get("StudyDate"),
        "Modality": modality,
        "SeriesNumber": 900,
        "InstanceNumber": 1,
        "ValueType": "CONTAINER",
        "ContinuityOfContent": "SEPARATE",
    }
    return film(**(facts | values))


def rejection_note(*films: Dataset, title: str = "113001", **values: Any) -> Dataset:
    """Make a Key Object Selection that rejects films, in the first one's study."""
    facts: dict[str, Any] = {
        "ConceptNameCodeSequence": [code(title)],
        "CurrentRequestedProcedureEvidenceSequence": evidence(films),
    }
    return _document(films[0], KeyObjectSelectionDocumentStorage, "KO", facts | values)


def signed_report(of: Dataset, words: str = "No pneumothorax.", **values: Any) -> Dataset:
    """Make a report of a film's study that a person verified."""
    observer = Dataset()
    observer.VerifyingOrganization = "General Hospital"
    observer.VerificationDateTime = "20260301101500+0100"
    observer.VerifyingObserverName = "Doctor^Dora"
    observer.VerifyingObserverIdentificationCodeSequence = []
    text = Dataset()
    text.RelationshipType = "CONTAINS"
    text.ValueType = "TEXT"
    text.ConceptNameCodeSequence = [code("121071", "Finding")]
    text.TextValue = words
    facts: dict[str, Any] = {
        "ConceptNameCodeSequence": [code("18748-4", "Diagnostic Imaging Report", "LN")],
        "CompletionFlag": "COMPLETE",
        "VerificationFlag": "VERIFIED",
        "VerifyingObserverSequence": [observer],
        "ContentSequence": [text],
    }
    return _document(of, BasicTextSRStorage, "SR", facts | values)
