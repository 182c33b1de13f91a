"""The modules of a structured report document around its content tree."""

from collections.abc import Sequence

from highdicom.sr import ContainerContentItem
from pydicom.dataset import Dataset

from core.reading import Reading
from core.report import ReportVersion
from dicom_sr import concepts
from dicom_sr.context import BuildContext, Replaced
from dicom_sr.elements import code_item, hierarchical_reference, put, reference
from dicom_sr.header import ObjectClass, new_object
from dicom_sr.source import Source


def new_document(
    sort: ObjectClass,
    root: ContainerContentItem,
    reading: Reading,
    version: ReportVersion,
    *,
    source: Source,
    context: BuildContext,
) -> Dataset:
    """Make a document of a content tree.

    PS3.3 C.17.1 to C.17.3: complete as a draft goes, unverified, preliminary. What the peers
    already have of the same film is named as predecessor that it replaces (CID 7009).

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
    put(dataset, "VerificationFlag", "UNVERIFIED")
    put(dataset, "PreliminaryFlag", "PRELIMINARY")
    put(dataset, "PerformedProcedureCodeSequence", [])
    put(dataset, "CurrentRequestedProcedureEvidenceSequence", [_evidence(source)])
    replaced = context.replaced_by(sort.kind)
    if replaced:
        put(dataset, "PredecessorDocumentsSequence", [_predecessors(source, replaced)])
    for element in root:
        dataset[element.tag] = element
    return dataset


def _evidence(source: Source) -> Dataset:
    film = source.film
    image = reference(film.sop_class_uid, film.sop_instance_uid)
    return hierarchical_reference(source.study.uid, [(film.series_uid, image)])


def _predecessors(source: Source, replaced: Sequence[Replaced]) -> Dataset:
    """PS3.3 C.17.2 and table C.17-3."""
    items = []
    for one in replaced:
        item = reference(one.sop_class_uid, one.sop_instance_uid)
        put(item, "PurposeOfReferenceCodeSequence", [code_item(concepts.REPLACED)])
        items.append((one.series_uid, item))
    return hierarchical_reference(source.study.uid, items)
