"""The modules that all result objects share: patient, study, series, SOP common, file meta."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from core.reading import ModelIdentity, Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr.code_table import PRIVATE_SCHEME, PRIVATE_SCHEME_NAME
from dicom_sr.context import BuildContext
from dicom_sr.elements import put
from dicom_sr.equipment import add_equipment
from dicom_sr.notice import notice_of, short_notice_of
from dicom_sr.series_description import series_description
from dicom_sr.source import Patient, Source, Study
from dicom_sr.text import SHORT_STRING
from dicom_sr.uids import IMPLEMENTATION_CLASS_UID, result_uid, series_uid

BODY_PART = "CHEST"
_SERIES_NAMES = {
    ResultKind.FINDINGS_SR: "Coded",
    ResultKind.REPORT_SR: "Report",
    ResultKind.GSPS: "Marks",
    ResultKind.REJECTION: "Revoke",
    ResultKind.SECONDARY_CAPTURE: "Picture",
    ResultKind.KEY_OBJECTS: "Key",
    ResultKind.PDF: "Page",
}
_ORDER = tuple(_SERIES_NAMES)


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """What sort of object a builder makes."""

    kind: ResultKind
    sop_class_uid: str
    modality: str


@dataclass(frozen=True, slots=True)
class Making:
    """Under which UIDs an object is made, when, and of which model's words.

    Parameters
    ----------
    sop_instance_uid, series_uid
        Its own.
    created_at
        Its time, aware.
    model
        Whose words it holds, or takes back.
    notice, short_notice
        The banner, and the same in fewer words.
    """

    sop_instance_uid: str
    series_uid: str
    created_at: datetime
    model: ModelIdentity
    notice: str
    short_notice: str


def new_object(
    sort: ObjectClass,
    reading: Reading,
    version: ReportVersion,
    source: Source,
    context: BuildContext,
    *,
    names: Sequence[str] = (),
) -> Dataset:
    """Begin an object of a report version: everything but its content.

    Parameters
    ----------
    sort
        Kind, class and modality.
    reading
        Whose model is described.
    version
        Whose time is the content's, and whose id the UIDs are derived from.
    source
        The film, whose patient and study the object joins.
    context
        The site.
    names
        UIDs of other results that it names.

    Returns
    -------
    Dataset
        With file meta information and preamble: it can be saved as PS3.10 explicit VR little
        endian.

    Raises
    ------
    ValueError
        If the version's time is naive.
    """
    making = Making(
        sop_instance_uid=result_uid(version.id, sort.kind, context, names),
        series_uid=series_uid(version.id, sort.kind, context, names),
        created_at=version.created_at,
        model=reading.model,
        notice=notice_of(reading, context, version),
        short_notice=short_notice_of(reading, context, version),
    )
    return begin_object(sort, making, source, context)


def begin_object(
    sort: ObjectClass, making: Making, source: Source, context: BuildContext
) -> Dataset:
    """Begin an object of any kind; parameters, returns and raises as `new_object`."""
    moment = object_time(making.created_at, source.study, context)
    dataset = Dataset()
    put(dataset, "SpecificCharacterSet", "ISO_IR 192")
    put(dataset, "SOPClassUID", sort.sop_class_uid)
    put(dataset, "SOPInstanceUID", making.sop_instance_uid)
    put(dataset, "InstanceCreationDate", moment.strftime("%Y%m%d"))
    put(dataset, "InstanceCreationTime", moment.strftime("%H%M%S"))
    put(dataset, "TimezoneOffsetFromUTC", moment.strftime("%z")[:5])
    schemes = [_private_scheme(scheme, context) for scheme in context.codes.private_schemes]
    put(dataset, "CodingSchemeIdentificationSequence", schemes)
    _add_patient(dataset, source.patient)
    _add_study(dataset, source.study)
    put(dataset, "Modality", sort.modality)
    put(dataset, "SeriesInstanceUID", making.series_uid)
    put(dataset, "SeriesNumber", context.variant.series_number_base + _ORDER.index(sort.kind))
    put(dataset, "SeriesDate", moment.strftime("%Y%m%d"))
    put(dataset, "SeriesTime", moment.strftime("%H%M%S"))
    description = series_description(
        context.variant.series_description,
        kind=_SERIES_NAMES[sort.kind],
        film="" if context.place is None else context.place.words,
        notice=making.notice,
        short_notice=making.short_notice,
    )
    put(dataset, "SeriesDescription", description)
    put(dataset, "InstanceNumber", 1)
    add_equipment(dataset, making.model, context, moment)
    _add_file_meta(dataset, context)
    return dataset


def object_time(moment: datetime, study: Study, context: BuildContext) -> datetime:
    """Give the moment in the zone of all dates and times of one object.

    An object has one offset from UTC (PS3.3 C.12.1.1.8), for the study's date and time that are
    copied into it as for its own: the film's own offset where it states one, else the site's.
    """
    local = context.local(moment)
    if not study.utc_offset:
        return local
    sign = -1 if study.utc_offset.startswith("-") else 1
    hours, minutes = int(study.utc_offset[1:3]), int(study.utc_offset[3:5])
    return local.astimezone(timezone(sign * timedelta(hours=hours, minutes=minutes)))


def _private_scheme(scheme: str, context: BuildContext) -> Dataset:
    """PS3.3 C.12.1.1.5; whoever is responsible for a private scheme of the site's is the site."""
    item = Dataset()
    put(item, "CodingSchemeDesignator", scheme)
    if scheme == PRIVATE_SCHEME:
        put(item, "CodingSchemeName", PRIVATE_SCHEME_NAME)
        put(item, "CodingSchemeResponsibleOrganization", context.manufacturer)
    elif context.institution:
        put(item, "CodingSchemeResponsibleOrganization", context.institution)
    return item


def _add_patient(dataset: Dataset, patient: Patient) -> None:
    put(dataset, "PatientName", patient.name)
    put(dataset, "PatientID", patient.id)
    if patient.issuer:
        put(dataset, "IssuerOfPatientID", patient.issuer)
    put(dataset, "PatientBirthDate", patient.birth_date)
    put(dataset, "PatientSex", patient.sex)


def _add_study(dataset: Dataset, study: Study) -> None:
    put(dataset, "StudyInstanceUID", study.uid)
    put(dataset, "StudyDate", study.date)
    put(dataset, "StudyTime", study.time)
    put(dataset, "StudyID", study.id)
    put(dataset, "AccessionNumber", study.accession_number)
    put(dataset, "ReferringPhysicianName", study.referring_physician)
    if study.description:
        put(dataset, "StudyDescription", study.description)


def _add_file_meta(dataset: Dataset, context: BuildContext) -> None:
    meta = FileMetaDataset()
    put(meta, "FileMetaInformationVersion", b"\x00\x01")
    put(meta, "MediaStorageSOPClassUID", dataset.SOPClassUID)
    put(meta, "MediaStorageSOPInstanceUID", dataset.SOPInstanceUID)
    put(meta, "TransferSyntaxUID", ExplicitVRLittleEndian)
    put(meta, "ImplementationClassUID", IMPLEMENTATION_CLASS_UID)
    put(meta, "ImplementationVersionName", f"FR_{context.software_version}"[:SHORT_STRING])
    dataset.file_meta = meta
    dataset.preamble = bytes(128)
