"""The modules of a structured report document around its content tree."""

from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from dicom_sr.context import BuildContext, Replaced
from dicom_sr.elements import code_item, hierarchical_reference, put, reference
from dicom_sr.header import ObjectClass, new_object, object_time
from dicom_sr.predecessors import predecessors
from dicom_sr.source import Source
from dicom_sr.text import person_name

NO_ORGANIZATION = "not stated"
"""Verifying Organization must have a value, and a site may have no name."""


def new_document(
    sort: ObjectClass,
    root: Dataset,
    reading: Reading,
    version: ReportVersion,
    *,
    source: Source,
    context: BuildContext,
) -> Dataset:
    """Make a document of a content tree.

    PS3.3 C.17.1 to C.17.3: complete as a draft goes. A draft is unverified and preliminary; what a
    person accepted or wrote is verified by that person, and final only where the version is. What
    the peers already have of the same film is named as predecessor (CID 7009).

    Raises
    ------
    ValueError
        If the version's time is naive.
    """
    dataset = new_object(sort, reading, version, source, context)
    put(dataset, "ReferencedPerformedProcedureStepSequence", [])
    put(dataset, "ContentDate", dataset.InstanceCreationDate)
    put(dataset, "ContentTime", dataset.InstanceCreationTime)
    put(dataset, "CompletionFlag", "COMPLETE")
    put(dataset, "PreliminaryFlag", "FINAL" if version.final else "PRELIMINARY")
    if version.kind is ReportKind.DRAFT:
        put(dataset, "VerificationFlag", "UNVERIFIED")
    else:
        put(dataset, "VerificationFlag", "VERIFIED")
        put(dataset, "VerifyingObserverSequence", [_verifying_observer(version, source, context)])
    put(dataset, "PerformedProcedureCodeSequence", [])
    put(dataset, "CurrentRequestedProcedureEvidenceSequence", [_evidence(source)])
    before = predecessors(version, sort.kind, context)
    if before:
        put(dataset, "PredecessorDocumentsSequence", [_predecessors(source, before)])
    for element in root:
        dataset[element.tag] = element
    return dataset


def _verifying_observer(version: ReportVersion, source: Source, context: BuildContext) -> Dataset:
    """PS3.3 C.17.2; who a person is by a code is not known, and may be left empty (type 2)."""
    moment = object_time(version.created_at, source.study, context)
    item = Dataset()
    put(item, "VerifyingObserverName", person_name(version.author or ""))
    put(item, "VerifyingObserverIdentificationCodeSequence", [])
    put(item, "VerifyingOrganization", context.institution or NO_ORGANIZATION)
    put(item, "VerificationDateTime", moment.strftime("%Y%m%d%H%M%S%z"))
    return item


def _evidence(source: Source) -> Dataset:
    film = source.film
    image = reference(film.sop_class_uid, film.sop_instance_uid)
    return hierarchical_reference(source.study.uid, [(film.series_uid, image)])


def _predecessors(source: Source, before: Sequence[tuple[Replaced, Code]]) -> Dataset:
    """PS3.3 C.17.2 and table C.17-3."""
    items = []
    for one, purpose in before:
        item = reference(one.sop_class_uid, one.sop_instance_uid)
        put(item, "PurposeOfReferenceCodeSequence", [code_item(purpose)])
        items.append((one.series_uid, item))
    return hierarchical_reference(source.study.uid, items)
