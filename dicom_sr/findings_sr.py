"""The coded result: an imaging measurement report (TID 1500).

Root 126000 with language, observer and procedure; the banner; the image library (TID 1600); the
imaging measurements with a group for each finding; the qualitative evaluations of the film; the
record of the reading. OHIF needs both the library and the measurements, so both are there even
where nothing was found.
"""

from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, ComprehensiveSRStorage

from core.reading import Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr import concepts, items
from dicom_sr.checks import check_inputs
from dicom_sr.context import BuildContext
from dicom_sr.document import new_document
from dicom_sr.evaluations import qualitative_evaluations
from dicom_sr.header import ObjectClass
from dicom_sr.image_library import image_library
from dicom_sr.linkage import tracked
from dicom_sr.measurement_group import measurement_groups
from dicom_sr.observers import banner, language, observers, procedure_reported
from dicom_sr.record import record
from dicom_sr.source import read_source

_CLASSES = {
    "comprehensive3d": Comprehensive3DSRStorage,
    "comprehensive": ComprehensiveSRStorage,
}


def build_findings_sr(
    reading: Reading, version: ReportVersion, source: Dataset, context: BuildContext
) -> Dataset:
    """Build the Comprehensive 3D SR, or Comprehensive SR where the variant says so.

    Parameters
    ----------
    reading
        What the model said.
    version
        The report version that the object belongs to.
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
        If the version is not a draft of this reading.
    """
    check_inputs(reading, version, ResultKind.FINDINGS_SR)
    film = read_source(source)
    groups = [
        group
        for finding in tracked(reading)
        for group in measurement_groups(finding, reading.model, film.film, context)
    ]
    root = items.container(
        concepts.IMAGING_MEASUREMENT_REPORT,
        [
            language(context),
            *observers(version, reading.model, context),
            procedure_reported(),
            *banner(reading, version, context),
            image_library(film, context.codes),
            items.container(concepts.IMAGING_MEASUREMENTS, groups),
            qualitative_evaluations(reading, context),
            record(reading, film.film, context),
        ],
        relationship=None,
        template="1500",
    )
    sort = ObjectClass(ResultKind.FINDINGS_SR, _CLASSES[context.variant.sr_class], "SR")
    return new_document(sort, root, reading, version, source=film, context=context)
