"""The modules of a structured report document around its content tree."""

from highdicom.sr import ContainerContentItem
from pydicom.dataset import Dataset

from core.reading import Reading
from core.report import ReportVersion
from dicom_sr.context import BuildContext
from dicom_sr.elements import put, reference
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

    PS3.3 C.17.1 to C.17.3: complete as a draft goes, unverified, preliminary. A later version of
    the same report would name its predecessors here.

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
    for element in root:
        dataset[element.tag] = element
    return dataset


def _evidence(source: Source) -> Dataset:
    film = source.film
    series = Dataset()
    put(series, "SeriesInstanceUID", film.series_uid)
    put(series, "ReferencedSOPSequence", [reference(film.sop_class_uid, film.sop_instance_uid)])
    study = Dataset()
    put(study, "StudyInstanceUID", source.study.uid)
    put(study, "ReferencedSeriesSequence", [series])
    return study
