"""The marks over the film: a Grayscale Softcopy Presentation State, PS3.3 A.33.1."""

from pydicom.dataset import Dataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

from core.grey_scale import GreyScale
from core.reading import Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr.annotations import annotation_items, layer_items
from dicom_sr.checks import check_inputs
from dicom_sr.context import BuildContext
from dicom_sr.elements import put, reference
from dicom_sr.header import BODY_PART, ObjectClass, new_object
from dicom_sr.linkage import tracked
from dicom_sr.marks_of import marks_of
from dicom_sr.notice import notice_of
from dicom_sr.presentation import add_displayed_area, add_grayscale
from dicom_sr.source import Film, read_source

CONTENT_LABEL = "AI FINDINGS"
CONTENT_CREATOR = "AI^FirstRead"
"""VR PN: a program signs as a person does, family name first."""


def build_gsps(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    *,
    voi: GreyScale | None = None,
) -> Dataset:
    """Build the presentation state.

    Parameters
    ----------
    reading
        The findings to mark.
    version
        The report version that the object belongs to.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant.
    voi
        What the film was looked at through: some headers name windows under which their film is
        black, which only its pixels tell. None takes what the header names first.

    Returns
    -------
    Dataset
        Complete, with file meta information.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is not a draft of this reading, or the film is not grey.
    """
    check_inputs(reading, version, ResultKind.GSPS)
    origin = read_source(source)
    film = origin.film
    if not film.grey:
        message = f"a grayscale presentation state needs a grey film: {film.sop_instance_uid}"
        raise ValueError(message)
    notice = notice_of(reading, context)
    sort = ObjectClass(ResultKind.GSPS, GrayscaleSoftcopyPresentationStateStorage, "PR")
    dataset = new_object(sort, reading, version, origin, context)
    # General Series asks for a laterality of a paired body part; the chest is none.
    put(dataset, "BodyPartExamined", BODY_PART)
    put(dataset, "ContentLabel", CONTENT_LABEL)
    put(dataset, "ContentDescription", notice)
    put(dataset, "PresentationCreationDate", dataset.InstanceCreationDate)
    put(dataset, "PresentationCreationTime", dataset.InstanceCreationTime)
    put(dataset, "ContentCreatorName", CONTENT_CREATOR)
    put(dataset, "ReferencedSeriesSequence", [_referenced_series(film)])
    add_displayed_area(dataset, film)
    add_grayscale(dataset, film, context.variant.presentation_lut_shape, voi)
    marks = marks_of(reading, notice, film, context.wording)
    names = {item.finding.id: item.identifier for item in tracked(reading)}
    put(dataset, "GraphicAnnotationSequence", annotation_items(marks, film, names))
    put(dataset, "GraphicLayerSequence", layer_items(marks, notice, context.wording))
    return dataset


def _referenced_series(film: Film) -> Dataset:
    item = Dataset()
    put(item, "SeriesInstanceUID", film.series_uid)
    put(item, "ReferencedImageSequence", [reference(film.sop_class_uid, film.sop_instance_uid)])
    return item
