"""What, beside the reading and its film, decides what a result object says."""

from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.report import ReportKind
from core.results import SERIES_DESCRIPTION
from core.states import ResultKind
from dicom_sr.code_table import CodeTable
from dicom_sr.codes_toml import built_in_codes
from dicom_sr.product import MANUFACTURER
from dicom_sr.text import LONG_STRING
from dicom_sr.wording_table import Wording, built_in_wording

BUILDER_VERSION = 2
"""Counted up whenever the builders would make other content of the same input."""

PresentationLutShape = Literal["auto", "IDENTITY", "INVERSE"]
SrClass = Literal["comprehensive3d", "comprehensive"]
CharacterSet = Literal["ISO_IR 192", "ISO_IR 100"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to make the same results: what peers of one profile share.

    Parameters
    ----------
    name
        Name of the profile.
    presentation_lut_shape
        Of the presentation state: "auto" inverts MONOCHROME1 exactly once, as the standard asks;
        the other two are for viewers that are wrong the other way.
    sr_class
        Comprehensive 3D SR, or Comprehensive SR for peers that take no 1.2.840...88.34.
    series_number_base
        Series Number of the first kind; the others follow it.
    series_description
        Template with `{kind}`, `{film}` and `{notice}`.
    character_set
        Specific Character Set; where a value does not fit into ISO_IR 100, its object is written
        in ISO_IR 192 all the same.
    """

    name: str = "default"
    presentation_lut_shape: PresentationLutShape = "auto"
    sr_class: SrClass = "comprehensive3d"
    series_number_base: int = 9001
    series_description: str = SERIES_DESCRIPTION
    character_set: CharacterSet = "ISO_IR 192"

    def __post_init__(self) -> None:
        if self.presentation_lut_shape not in {"auto", "IDENTITY", "INVERSE"}:
            message = f"no presentation LUT shape: {self.presentation_lut_shape!r}"
            raise ValueError(message)
        if self.sr_class not in {"comprehensive3d", "comprehensive"}:
            message = f"no SR class: {self.sr_class!r}"
            raise ValueError(message)
        if self.series_number_base < 1:
            message = f"a series number is positive: {self.series_number_base}"
            raise ValueError(message)
        if "{notice}" not in self.series_description:
            message = f"a series description must hold {{notice}}: {self.series_description!r}"
            raise ValueError(message)
        if self.character_set not in {"ISO_IR 192", "ISO_IR 100"}:
            message = f"no character set of ours: {self.character_set!r}"
            raise ValueError(message)

    @property
    def key(self) -> str:
        """Text that is another for every variant; part of each result object's UID."""
        return "/".join(
            (
                self.name,
                self.presentation_lut_shape,
                self.sr_class,
                str(self.series_number_base),
                self.series_description,
                self.character_set,
            )
        )


@dataclass(frozen=True, slots=True)
class Replaced:
    """An earlier document of the same film that a peer has.

    Parameters
    ----------
    kind
        Which of the new documents follows it.
    sop_class_uid, sop_instance_uid, series_uid
        How it is referenced; it lies in the same study.
    of
        What it holds: a draft, or what a person accepted or wrote.
    """

    kind: ResultKind
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    of: ReportKind = ReportKind.DRAFT


@dataclass(frozen=True, slots=True)
class FilmPlace:
    """Which of a study's frontal films a result is of.

    Parameters
    ----------
    number, of
        Its place in the order in which they are shown, the preferred one 1, and how many there
        were when the result was made.
    view
        PA, AP or frontal; "" where only the pixels told.

    Raises
    ------
    ValueError
        If the place is none of them.
    """

    number: int
    of: int
    view: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            message = f"no place among {self.of} films: {self.number}"
            raise ValueError(message)

    @property
    def words(self) -> str:
        """Such as "AP 2/2"; "" where it is the only one."""
        return f"{self.view} {self.number}/{self.of}".strip() if self.of > 1 else ""


def _installed_version() -> str:
    try:
        return version("firstread")
    except PackageNotFoundError:
        return "not installed"


@dataclass(frozen=True, slots=True)
class BuildContext:
    """The site's and the peer's part of a result object.

    Parameters
    ----------
    variant
        What the receiving peers want.
    institution
        Name of the site, at most 64 characters; may be empty.
    timezone
        IANA name of the zone in which dates and times are written.
    authorised
        Whether the site's authorisation of the model is recorded; until then each object carries
        the banner.
    manufacturer, software_version
        Who made the objects.
    replaces
        What the peers already have of the same film.
    place
        Which of the study's films the result is of; None where nobody says.
    codes
        The table of codes in force.
    wording
        Headings, banner and sentences in the institution's language.
    font
        A TrueType font for names in the site's script on pages; None has Latin letters only.

    Raises
    ------
    ValueError
        If a value cannot be written.
    """

    variant: Variant = field(default_factory=Variant)
    institution: str = ""
    timezone: str = "UTC"
    authorised: bool = False
    manufacturer: str = MANUFACTURER
    software_version: str = field(default_factory=_installed_version)
    replaces: tuple[Replaced, ...] = ()
    place: FilmPlace | None = None
    codes: CodeTable = field(default_factory=built_in_codes)
    wording: Wording = field(default_factory=built_in_wording)
    font: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for text in (self.institution, self.manufacturer, self.software_version):
            if len(text) > LONG_STRING or "\\" in text:
                message = f"at most {LONG_STRING} characters and no backslash: {text!r}"
                raise ValueError(message)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"no time zone: {self.timezone!r}"
            raise ValueError(message) from error

    def replaced_by(self, kind: ResultKind) -> tuple[Replaced, ...]:
        """Give what the peers have before the document of a kind."""
        return tuple(one for one in self.replaces if one.kind is kind)

    def local(self, moment: datetime) -> datetime:
        """Give an aware moment in the site's zone.

        Raises
        ------
        ValueError
            If the moment is naive: nobody could tell which moment it is.
        """
        if moment.tzinfo is None:
            message = f"a moment needs its zone: {moment.isoformat()}"
            raise ValueError(message)
        return moment.astimezone(ZoneInfo(self.timezone))
