"""How names, times and amounts of headers and rows are written on pages; filters of templates."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import now

_UNITS: Final = (("d", 86400.0), ("h", 3600.0), ("min", 60.0))
_NEXT_UNIT: Final = 999.5
"""From which on a number is written in the next unit, with three digits."""
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def spoken_name(text: str) -> str:
    """Write a DICOM person name (PS3.5 section 6.2.1) as pages do: `Family, Given Middle`.

    Parameters
    ----------
    text
        A header's value; of several component groups the first that says anything counts.

    Returns
    -------
    str
        "" where it names nobody.
    """
    group = next((one for one in text.split("=") if one.strip("^ ")), "")
    family, given, middle, prefix, suffix = (*map(str.strip, group.split("^")), *[""] * 5)[:5]
    others = " ".join(part for part in (prefix, given, middle) if part)
    return ", ".join(part for part in (family, others, suffix) if part)


def spoken_date(text: str) -> str:
    """Write a DICOM date (VR DA) as `2026-11-23`; what is none stays as it is."""
    found = _DATE.fullmatch(text.strip())
    return "-".join(found.groups()) if found else text


def spoken_age(moment: datetime) -> str:
    """Write how long ago a moment was, or how long it is until then, in one unit: `5 min`."""
    seconds = abs((now() - moment).total_seconds())
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f}\N{NO-BREAK SPACE}{unit}"
    return f"{seconds:.0f}\N{NO-BREAK SPACE}s"


def spoken_size(size: float) -> str:
    """Write a number of bytes in the unit that suits it (IEC 80000-13): `1.5 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _NEXT_UNIT:
            return f"{size:.3g}\N{NO-BREAK SPACE}{unit}"
        size /= 1024
    return f"{size:.3g}\N{NO-BREAK SPACE}TiB"


def filters(zone: str) -> Mapping[str, Callable[..., str]]:
    """Give the filters of templates.

    Parameters
    ----------
    zone
        IANA name of the site's time zone.

    Returns
    -------
    Mapping
        `person_name`, `dicom_date`, `size`, and `local_time`, `local_date` and `age` of an aware
        moment.
    """
    site = ZoneInfo(zone)

    def local(moment: datetime) -> datetime:
        return moment.astimezone(site)

    return {
        "person_name": spoken_name,
        "dicom_date": spoken_date,
        "age": spoken_age,
        "size": spoken_size,
        "local_time": lambda moment: f"{local(moment):%Y-%m-%d %H:%M}",
        "local_date": lambda moment: f"{local(moment):%Y-%m-%d}",
    }
