"""Values of a header of any quality, each either sound or empty.

Real headers hold wrong dates, words where numbers belong, several values where one belongs and
character sets that nobody declared. A reader of one value never raises: it gives the value in
its right form, or says that there is none.
"""

import math
import re
import warnings
from datetime import date, time
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

_DATE = re.compile(r"(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(?:(\d{2}):?(?:(\d{2})(?:\.(\d{1,6}))?)?)?")
_LEAP_SECOND = "60"
_OFFSET = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")
_LARGEST = 1e9
"""No number of a film's geometry or grey scale is larger."""


def raw_value(header: Dataset, keyword: str) -> Any:
    """Give an element's value as pydicom has it, None where it is missing or cannot be decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return header.get(keyword)
        except Exception:  # noqa: BLE001 - the decoders of pydicom raise of every kind
            return None


def text(header: Dataset, keyword: str) -> str:
    """Give an element as text, several values divided by backslashes; empty where there is none."""
    value = raw_value(header, keyword)
    if value is None or isinstance(value, (Dataset, Sequence)):
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if isinstance(value, MultiValue):
                return "\\".join(str(part) for part in value)
            return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
        except Exception:  # noqa: BLE001 - an item is decoded as soon as it is asked for
            return ""


def first_text(header: Dataset, keyword: str) -> str:
    """Give the first value of an element as text."""
    return text(header, keyword).split("\\", maxsplit=1)[0].strip()


def numbers(header: Dataset, keyword: str) -> tuple[float, ...]:
    """Give an element's numbers; empty as soon as one of its values is no finite number."""
    try:
        found = tuple(float(part) for part in text(header, keyword).split("\\") if part.strip())
    except ValueError:
        return ()
    return found if all(math.isfinite(one) and abs(one) <= _LARGEST for one in found) else ()


def integer(header: Dataset, keyword: str) -> int | None:
    """Give an element's whole number, None where it has none."""
    found = numbers(header, keyword)
    return int(found[0]) if len(found) == 1 and found[0].is_integer() else None


def date_text(header: Dataset, keyword: str) -> str:
    """Give a date as YYYYMMDD, the ACR-NEMA form with dots among its sources; else empty."""
    match = _DATE.fullmatch(first_text(header, keyword))
    if match is None:
        return ""
    try:
        date(*(int(part) for part in match.groups()))
    except ValueError:
        return ""
    return "".join(match.groups())


def time_text(header: Dataset, keyword: str) -> str:
    """Give a time as HHMMSS.FFFFFF as far as it was written; else empty.

    A leap second (60, PS3.5 section 6.2) is given as the second before it: validators refuse it.
    """
    match = _TIME.fullmatch(first_text(header, keyword))
    if match is None:
        return ""
    hours, minutes, seconds, fraction = match.groups()
    if seconds == _LEAP_SECOND:
        seconds = "59"
    try:
        time(int(hours), int(minutes or 0), int(seconds or 0))
    except ValueError:
        return ""
    return f"{hours}{minutes or ''}{seconds or ''}{'.' + fraction if fraction else ''}"


def offset_text(header: Dataset) -> str:
    """Give the header's own offset from UTC as +HHMM or -HHMM; empty where it states none."""
    found = first_text(header, "TimezoneOffsetFromUTC")
    return found if _OFFSET.fullmatch(found) and found != "-0000" else ""
