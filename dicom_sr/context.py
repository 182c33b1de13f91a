"""What, beside the reading and its film, decides what a result object says."""

from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dicom_sr.text import LONG_STRING

BUILDER_VERSION = 1
"""Counted up whenever the builders would make other content of the same input."""

PresentationLutShape = Literal["auto", "IDENTITY", "INVERSE"]
SrClass = Literal["comprehensive3d", "comprehensive"]


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
    """

    name: str = "default"
    presentation_lut_shape: PresentationLutShape = "auto"
    sr_class: SrClass = "comprehensive3d"

    def __post_init__(self) -> None:
        if self.presentation_lut_shape not in {"auto", "IDENTITY", "INVERSE"}:
            message = f"no presentation LUT shape: {self.presentation_lut_shape!r}"
            raise ValueError(message)
        if self.sr_class not in {"comprehensive3d", "comprehensive"}:
            message = f"no SR class: {self.sr_class!r}"
            raise ValueError(message)

    @property
    def key(self) -> str:
        """Text that is another for every variant; part of each result object's UID."""
        return f"{self.name}/{self.presentation_lut_shape}/{self.sr_class}"


def _installed_version() -> str:
    try:
        return version("firstread")
    except PackageNotFoundError:
        return "not installed"


@dataclass(frozen=True, slots=True)
class BuildContext:
    """The site's part of a result object.

    Parameters
    ----------
    variant
        What the receiving peers want.
    institution
        Name of the site, at most 64 characters; may be empty.
    timezone
        IANA name of the zone in which dates and times are written.
    authorised
        Whether the site's authorisation is recorded; until then each object carries the banner.
    manufacturer, software_version
        Who made the objects.
    series_number_base
        Series Number of the first kind; the others follow it.

    Raises
    ------
    ValueError
        If a value cannot be written.
    """

    variant: Variant = field(default_factory=Variant)
    institution: str = ""
    timezone: str = "UTC"
    authorised: bool = False
    manufacturer: str = "FirstRead"
    software_version: str = field(default_factory=_installed_version)
    series_number_base: int = 9001

    def __post_init__(self) -> None:
        for text in (self.institution, self.manufacturer, self.software_version):
            if len(text) > LONG_STRING or "\\" in text:
                message = f"at most {LONG_STRING} characters and no backslash: {text!r}"
                raise ValueError(message)
        if self.series_number_base < 1:
            message = f"a series number is positive: {self.series_number_base}"
            raise ValueError(message)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"no time zone: {self.timezone!r}"
            raise ValueError(message) from error

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
