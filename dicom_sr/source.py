"""The film's header, read once into values that are sound.

Builders never see the header itself: real headers break every library that trusts them. What
cannot be used is left out, never invented; what identifies (UIDs, patient, order) is never
altered, since the archive knows the film by it.
"""

from dataclasses import dataclass
from fractions import Fraction

from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.pixel_aspect import KEYWORDS, stated_aspect
from core.uids import is_uid
from dicom_sr import values
from dicom_sr.grayscale import LookupTable, Rescale, Window, modality_of, voi_of
from dicom_sr.text import LONG_STRING, identity_value, person_name, string_value

_LARGEST_SIDE = 65535
_LARGEST_DENOMINATOR = 100_000
_ORIENTATIONS = frozenset("LRAPHF")


@dataclass(frozen=True, slots=True)
class Patient:
    """Whose film it is; empty where unknown. Dates as YYYYMMDD, sex M, F, O or empty."""

    name: str
    id: str
    issuer: str
    birth_date: str
    sex: str


@dataclass(frozen=True, slots=True)
class Study:
    """The film's study. Date as YYYYMMDD, time as HHMMSS.FFFFFF; empty where unknown.

    `utc_offset` is the offset that the header states for its own dates and times.
    """

    uid: str
    id: str
    date: str
    time: str
    accession_number: str
    description: str
    referring_physician: str
    utc_offset: str


@dataclass(frozen=True, slots=True)
class Film:
    """The film itself.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid, series_uid
        How it is referenced.
    rows, columns
        Of the stored matrix, 1 to 65535.
    modality, view, body_part
        As coded strings; empty where unknown.
    orientation
        Patient directions of the rows and the columns, None where not stated.
    imager_spacing
        Distance at the detector in mm, (rows, columns); None where it is not stated.
    aspect_ratio
        Vertical and horizontal size of a pixel, as whole numbers; (1, 1) where none is stated
        that a film can have, see `core.pixel_aspect`.
    grey
        Whether a presentation state for grey films may refer to it.
    inverted
        Whether the least stored value is white (MONOCHROME1).
    modality_transformation, voi
        The grey scale, see `dicom_sr.grayscale`.
    """

    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    rows: int
    columns: int
    modality: str
    view: str
    body_part: str
    orientation: tuple[str, str] | None
    imager_spacing: tuple[float, float] | None
    aspect_ratio: tuple[int, int]
    grey: bool
    inverted: bool
    modality_transformation: Rescale | LookupTable | None
    voi: Window | LookupTable | None


@dataclass(frozen=True, slots=True)
class Source:
    """A film with its study and patient."""

    patient: Patient
    study: Study
    film: Film


def read_source(header: Dataset) -> Source:
    """Read a film's header.

    Parameters
    ----------
    header
        The film's data set; pixels are not looked at and it is not changed.

    Raises
    ------
    UnreadableObjectError
        If a UID or the size of the matrix is missing: without them nothing can be said of it.
    """
    return Source(_patient(header), _study(header), _film(header))


def _patient(header: Dataset) -> Patient:
    sex = values.first_text(header, "PatientSex").upper()
    return Patient(
        name=person_name(values.text(header, "PatientName")),
        id=identity_value(values.text(header, "PatientID")),
        issuer=identity_value(values.text(header, "IssuerOfPatientID")),
        birth_date=values.date_text(header, "PatientBirthDate"),
        sex=sex if sex in {"M", "F", "O"} else "",
    )


def _study(header: Dataset) -> Study:
    return Study(
        uid=_uid(header, "StudyInstanceUID"),
        id=identity_value(values.text(header, "StudyID")),
        date=values.date_text(header, "StudyDate"),
        time=values.time_text(header, "StudyTime"),
        accession_number=identity_value(values.text(header, "AccessionNumber")),
        description=string_value(values.text(header, "StudyDescription"), LONG_STRING),
        referring_physician=person_name(values.text(header, "ReferringPhysicianName")),
        utc_offset=values.offset_text(header),
    )


def _film(header: Dataset) -> Film:
    photometric = values.first_text(header, "PhotometricInterpretation").upper()
    return Film(
        sop_class_uid=_uid(header, "SOPClassUID"),
        sop_instance_uid=_uid(header, "SOPInstanceUID"),
        series_uid=_uid(header, "SeriesInstanceUID"),
        rows=_side(header, "Rows"),
        columns=_side(header, "Columns"),
        modality=values.first_text(header, "Modality").upper(),
        view=values.first_text(header, "ViewPosition").upper(),
        body_part=values.first_text(header, "BodyPartExamined").upper(),
        orientation=_orientation(header),
        imager_spacing=_spacing(header, "ImagerPixelSpacing"),
        aspect_ratio=_aspect_ratio(header),
        grey=photometric in {"MONOCHROME1", "MONOCHROME2"},
        inverted=photometric == "MONOCHROME1",
        modality_transformation=modality_of(header),
        voi=voi_of(header),
    )


def _uid(header: Dataset, keyword: str) -> str:
    uid = values.text(header, keyword).strip(" \0")
    if not is_uid(uid):
        message = f"the film's header has no usable {keyword}"
        raise UnreadableObjectError(message)
    return uid


def _side(header: Dataset, keyword: str) -> int:
    side = values.integer(header, keyword)
    if side is None or not 1 <= side <= _LARGEST_SIDE:
        message = f"the film's header has no usable {keyword}: {side}"
        raise UnreadableObjectError(message)
    return side


def _orientation(header: Dataset) -> tuple[str, str] | None:
    directions = values.text(header, "PatientOrientation").upper().split("\\")
    if len(directions) != 2 or not all(  # noqa: PLR2004 - rows and columns
        direction and _ORIENTATIONS.issuperset(direction) for direction in directions
    ):
        return None
    return directions[0], directions[1]


def _spacing(header: Dataset, keyword: str) -> tuple[float, float] | None:
    spacing = values.numbers(header, keyword)
    if len(spacing) != 2 or min(spacing) <= 0:  # noqa: PLR2004 - rows and columns
        return None
    return spacing[0], spacing[1]


def _aspect_ratio(header: Dataset) -> tuple[int, int]:
    """Give the shape of a pixel in whole numbers, as the film was stretched to be read."""
    stated = (values.raw_value(header, keyword) for keyword in KEYWORDS)
    ratio = Fraction(stated_aspect(stated) or 1.0).limit_denominator(_LARGEST_DENOMINATOR)
    return ratio.numerator, ratio.denominator
