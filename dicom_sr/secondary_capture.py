"""The film with its marks burned in: a Secondary Capture Image, PS3.3 A.8.1.

The only overlay that every viewer shows. It is in colour, so that nobody takes a line for
anatomy or for a device, of Modality OT, so that no hanging protocol takes it for the film, and
smaller than the film, since it is not for diagnosis.
"""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import SecondaryCaptureImageStorage

from core.reading import Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr.checks import check_inputs
from dicom_sr.context import BuildContext
from dicom_sr.elements import code_item, put, reference
from dicom_sr.header import BODY_PART, ObjectClass, new_object
from dicom_sr.lossy import add_lossy
from dicom_sr.notice import notice_of
from dicom_sr.picture import Picture
from dicom_sr.picture_scale import add_scale
from dicom_sr.source import Film, read_source
from dicom_sr.text import SHORT_TEXT, cut

_RESAMPLED: Final = Code("113085", "DCM", "Spatial resampling")
"""CID 7203 has no code for marks that were burned in."""
_SOURCE: Final = Code("121322", "DCM", "Source image for image processing operation")


def build_secondary_capture(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    picture: Picture,
) -> Dataset:
    """Build the secondary capture.

    Parameters
    ----------
    reading
        Whose marks are burned in.
    version
        The report version that the object belongs to.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant.
    picture
        The film with its marks.

    Returns
    -------
    Dataset
        Complete, with file meta information; its pixels are not compressed.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is not a draft of this reading.
    """
    check_inputs(reading, version, ResultKind.SECONDARY_CAPTURE)
    origin = read_source(source)
    notice = notice_of(reading, context)
    sort = ObjectClass(ResultKind.SECONDARY_CAPTURE, SecondaryCaptureImageStorage, "OT")
    dataset = new_object(sort, reading, version, origin, context)
    put(dataset, "BodyPartExamined", BODY_PART)
    put(dataset, "ConversionType", "WSD")
    put(dataset, "ImageType", ["DERIVED", "SECONDARY", "AI MARKS"])
    put(dataset, "ContentDate", dataset.InstanceCreationDate)
    put(dataset, "ContentTime", dataset.InstanceCreationTime)
    put(dataset, "PatientOrientation", list(origin.film.orientation or ()))
    put(dataset, "ImageComments", notice)
    put(dataset, "BurnedInAnnotation", "YES")
    _add_derivation(dataset, origin.film, notice)
    add_lossy(dataset, source)
    add_scale(dataset, source, origin.film, picture)
    _add_pixels(dataset, picture)
    return dataset


def _add_derivation(dataset: Dataset, film: Film, notice: str) -> None:
    words = f"{notice}: reduced to 8 bits, with the marks of the draft burned in; not for diagnosis"
    put(dataset, "DerivationDescription", cut(words, SHORT_TEXT))
    put(dataset, "DerivationCodeSequence", [code_item(_RESAMPLED)])
    item = reference(film.sop_class_uid, film.sop_instance_uid)
    put(item, "PurposeOfReferenceCodeSequence", [code_item(_SOURCE)])
    put(dataset, "SourceImageSequence", [item])


def _add_pixels(dataset: Dataset, picture: Picture) -> None:
    height, width, *colours = picture.pixels.shape
    put(dataset, "SamplesPerPixel", colours[0] if colours else 1)
    put(dataset, "PhotometricInterpretation", "RGB" if colours else "MONOCHROME2")
    if colours:
        put(dataset, "PlanarConfiguration", 0)
    put(dataset, "Rows", height)
    put(dataset, "Columns", width)
    put(dataset, "BitsAllocated", 8)
    put(dataset, "BitsStored", 8)
    put(dataset, "HighBit", 7)
    put(dataset, "PixelRepresentation", 0)
    data = np.ascontiguousarray(picture.pixels).tobytes()
    put(dataset, "PixelData", data + b"\0" * (len(data) % 2))
    dataset["PixelData"].VR = "OB"
