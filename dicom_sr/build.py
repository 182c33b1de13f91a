"""All result objects of one report version."""

from collections.abc import Collection
from io import BytesIO

from pydicom import dcmwrite
from pydicom.dataset import Dataset

from core.grey_scale import GreyScale
from core.reading import Reading
from core.report import ReportVersion
from core.states import DRAFT_KINDS, ResultKind
from dicom_sr.character_set import settle_character_set
from dicom_sr.context import BuildContext
from dicom_sr.findings_sr import build_findings_sr
from dicom_sr.gsps import build_gsps
from dicom_sr.key_objects import build_key_objects, has_key_objects
from dicom_sr.kinds import kinds_of
from dicom_sr.pdf import build_pdf
from dicom_sr.picture import Picture
from dicom_sr.report_sr import build_report_sr
from dicom_sr.secondary_capture import build_secondary_capture
from dicom_sr.source import read_source
from dicom_sr.uids import result_uid

__all__ = ["build_all", "encoded", "result_uid"]

_PICTURED = frozenset({ResultKind.SECONDARY_CAPTURE, ResultKind.PDF})


def build_all(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    *,
    kinds: Collection[ResultKind] = DRAFT_KINDS,
    picture: Picture | None = None,
    voi: GreyScale | None = None,
) -> dict[ResultKind, Dataset]:
    """Build the DICOM objects of a report version.

    Pure: the same arguments give the same bytes, on any machine and at any time.

    Parameters
    ----------
    reading
        What the model said.
    version
        The draft made of it, or what a person made of that; its time is the objects' time.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant.
    kinds
        What is wanted. What the version does not have (`dicom_sr.kinds`), what is no DICOM object,
        the presentation state of a film in colour, and the key object selection where nothing was
        flagged is left out.
    picture
        The film with its marks burned in: for a secondary capture and a page.
    voi
        What the film was looked at through (`imaging.film.Film.grey_scale`); None is what its
        header says first.

    Returns
    -------
    dict
        A data set with file meta information for each kind.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is of another reading, or has no findings text; if an object that shows
        the film is wanted and there is no picture.
    """
    wanted = [kind for kind in kinds_of(version.kind) if kind in kinds]
    missing = _PICTURED.intersection(wanted)
    if missing and picture is None:
        message = f"no picture was given for {', '.join(sorted(missing))}"
        raise ValueError(message)
    objects: dict[ResultKind, Dataset] = {}
    for kind in wanted:
        if kind is ResultKind.FINDINGS_SR:
            objects[kind] = build_findings_sr(reading, version, source, context)
        elif kind is ResultKind.REPORT_SR:
            objects[kind] = build_report_sr(reading, version, source, context)
        elif kind is ResultKind.GSPS and read_source(source).film.grey:
            objects[kind] = build_gsps(reading, version, source, context, voi=voi)
        elif kind is ResultKind.SECONDARY_CAPTURE and picture is not None:
            capture = build_secondary_capture(reading, version, source, context, picture)
            objects[kind] = capture
        elif kind is ResultKind.PDF and picture is not None:
            objects[kind] = build_pdf(reading, version, source, context, picture)
    if ResultKind.KEY_OBJECTS in wanted and has_key_objects(reading):
        objects[ResultKind.KEY_OBJECTS] = build_key_objects(
            reading, version, source, context, objects
        )
    for dataset in objects.values():
        settle_character_set(dataset, context.variant.character_set)
    return objects


def encoded(dataset: Dataset) -> bytes:
    """Give a built object as the bytes of a PS3.10 file, explicit VR little endian."""
    buffer = BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
