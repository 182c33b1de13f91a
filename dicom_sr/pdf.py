"""The page as an Encapsulated PDF, PS3.3 A.45.1: for portals that take documents only."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from core.states import ResultKind
from dicom_sr import concepts
from dicom_sr.checks import check_inputs
from dicom_sr.context import BuildContext
from dicom_sr.elements import code_item, put, reference
from dicom_sr.header import ObjectClass, new_object
from dicom_sr.page import page_bytes
from dicom_sr.page_words import page_of
from dicom_sr.picture import Picture
from dicom_sr.source import read_source

_MIME_TYPE: Final = "application/pdf"


def build_pdf(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    picture: Picture,
) -> Dataset:
    """Build the Encapsulated PDF of a report version.

    Parameters
    ----------
    reading
        What the model said.
    version
        The text, and whose it is.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant; its font is for letters that the built-in one lacks.
    picture
        The film with its marks.

    Returns
    -------
    Dataset
        Complete, with file meta information.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is of another reading, or the site's font cannot be embedded.
    """
    check_inputs(reading, version, ResultKind.PDF)
    origin = read_source(source)
    page = page_of(reading, version, origin, context)
    sort = ObjectClass(ResultKind.PDF, EncapsulatedPDFStorage, "DOC")
    dataset = new_object(sort, reading, version, origin, context)
    put(dataset, "ConversionType", "WSD")
    put(dataset, "ContentDate", dataset.InstanceCreationDate)
    put(dataset, "ContentTime", dataset.InstanceCreationTime)
    put(dataset, "AcquisitionDateTime", "")
    put(dataset, "BurnedInAnnotation", "YES")
    put(dataset, "DocumentTitle", page.title)
    put(dataset, "ConceptNameCodeSequence", [code_item(concepts.DIAGNOSTIC_IMAGING_REPORT)])
    draft = version.kind is ReportKind.DRAFT
    put(dataset, "VerificationFlag", "UNVERIFIED" if draft else "VERIFIED")
    film = origin.film
    put(dataset, "SourceInstanceSequence", [reference(film.sop_class_uid, film.sop_instance_uid)])
    put(dataset, "MIMETypeOfEncapsulatedDocument", _MIME_TYPE)
    content = page_bytes(page, picture, context.font)
    put(dataset, "EncapsulatedDocumentLength", len(content))
    put(dataset, "EncapsulatedDocument", content + b"\0" * (len(content) % 2))
    return dataset
