"""From an untrusted header to the facts that are stored of an object."""

import re
from datetime import MAXYEAR, date, datetime, time, timedelta, timezone, tzinfo
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from core.errors import UnreadableObjectError
from core.uids import is_uid
from db.received import PatientFacts, ReceivedObject
from dicom_sr.elements import put
from imaging.values import value_of

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BLANK = " \0\t\r\n"
"""What may pad a value at its ends, legally or not."""
_LONGEST_ID = 64
"""PS3.5 section 6.2, VR LO."""
_FIRST_YEAR = 1895
"""Of X-rays; a year near the ends of the calendar could not be turned into UTC, either."""
_DATE = re.compile(r"(\d{4})[.]?(\d{2})[.]?(\d{2})")
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")


def received_object(
    header: Dataset,
    temporary: Path,
    *,
    calling_ae: str,
    called_ae: str,
    zone: tzinfo,
) -> ReceivedObject:
    """Gather what is stored of an object, and refuse one that belongs nowhere.

    Parameters
    ----------
    header
        The header, with its file meta information.
    temporary
        The file that holds the object.
    calling_ae, called_ae
        AE titles of its association.
    zone
        The zone of its times where the header names none.

    Returns
    -------
    ReceivedObject
        Texts are freed of control characters, and what cannot be decoded is empty; UIDs are as
        they came.

    Raises
    ------
    UnreadableObjectError
        If a UID or the patient's id is empty or malformed: its results could be put into another
        patient's study. The text names the attribute, never its value.
    """
    return ReceivedObject(
        temporary=temporary,
        sop_instance_uid=_uid(header, "SOPInstanceUID"),
        sop_class_uid=_uid(header, "SOPClassUID"),
        study_uid=_uid(header, "StudyInstanceUID"),
        series_uid=_uid(header, "SeriesInstanceUID"),
        transfer_syntax_uid=_uid(header.file_meta, "TransferSyntaxUID"),
        modality=text(header, "Modality"),
        view=text(header, "ViewPosition"),
        patient=PatientFacts(
            id=_patient_id(header),
            issuer=text(header, "IssuerOfPatientID"),
            name=text(header, "PatientName"),
            birth_date=text(header, "PatientBirthDate"),
            sex=text(header, "PatientSex"),
        ),
        accession=text(header, "AccessionNumber"),
        study_description=text(header, "StudyDescription"),
        acquired_at=acquired_at(header, zone),
        calling_ae=calling_ae,
        called_ae=called_ae,
    )


def tell_patient(header: Dataset, patient: PatientFacts) -> None:
    """Put what was last told of a film's patient into a copy of its header.

    Name, birth date and sex only: the identity is the film's own. A study whose name was corrected
    after the film came in would else get results under two names.
    """
    told = {
        "PatientName": patient.name,
        "PatientBirthDate": patient.birth_date,
        "PatientSex": patient.sex,
    }
    for keyword, value in told.items():
        if value and value != text(header, keyword):
            put(header, keyword, value)


def text(header: Dataset, keyword: str) -> str:
    """Give an attribute as one line of text; empty where it is missing or cannot be decoded.

    A value of several parts keeps its backslashes.
    """
    return _CONTROL.sub(" ", _whole(header, keyword)).strip()


def _whole(header: Dataset, keyword: str) -> str:
    """Give an attribute as it was sent, control characters among it."""
    try:
        value = value_of(header, keyword)
        parts = value if isinstance(value, MultiValue) else [value]
        return "\\".join("" if part is None else str(part) for part in parts)
    except Exception:  # noqa: BLE001 - names are decoded only here, from whatever was sent
        return ""


def acquired_at(header: Dataset, zone: tzinfo) -> datetime | None:
    """Give when the picture was taken, as well as the header knows it.

    Parameters
    ----------
    header
        The header; Timezone Offset From UTC (0008,0201) wins over `zone`.
    zone
        The site's zone.

    Returns
    -------
    datetime.datetime or None
        Aware; from the acquisition, content, series or study, the first that has a date.
    """
    zone = _offset(text(header, "TimezoneOffsetFromUTC")) or zone
    combined = text(header, "AcquisitionDateTime")
    pairs = [
        (combined[:8], combined[8:14]),
        *(
            (text(header, f"{level}Date"), text(header, f"{level}Time"))
            for level in ("Acquisition", "Content", "Series", "Study")
        ),
    ]
    for day_text, time_text in pairs:
        day = date_of(day_text)
        if day is not None and _FIRST_YEAR <= day.year < MAXYEAR:
            return datetime.combine(day, _time(time_text), zone)
    return None


def _uid(header: Dataset, keyword: str) -> str:
    uid = text(header, keyword)
    if not is_uid(uid):
        state = "malformed" if uid else "empty"
        message = f"{keyword} is {state}"
        raise UnreadableObjectError(message)
    return uid


def _patient_id(header: Dataset) -> str:
    # A control character within it makes it, put together or parted, another one.
    value = _whole(header, "PatientID").strip(_BLANK)
    if not value or len(value) > _LONGEST_ID or "\\" in value or _CONTROL.search(value):
        state = "malformed" if value else "empty"
        message = f"PatientID is {state}"
        raise UnreadableObjectError(message)
    return value


def date_of(value: str) -> date | None:
    """Give a date (VR DA, or the dotted one of ACR-NEMA); None for what is none."""
    match = _DATE.fullmatch(value)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _time(value: str) -> time:
    match = _TIME.match(value)
    if match is None:
        return time()
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return time(hour, minute, second)
    except ValueError:
        return time()


def _offset(value: str) -> tzinfo | None:
    match = _OFFSET.fullmatch(value)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        return timezone(-span if sign == "-" else span)
    except ValueError:
        return None
