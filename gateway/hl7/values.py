"""Times, names, identities and codes as HL7 v2.5.1 data types (chapter 2A)."""

from datetime import datetime

from pydicom.sr.coding import Code

from core.uids import is_uid
from gateway.hl7.encoding import Encoded, components, repetitions, value

_NAME_REPRESENTATIONS = "AIP"
"""Of a DICOM name's groups, table 0465: alphabetic, ideographic, phonetic."""
_LEGAL_NAME = "L"
_NAME_UNKNOWN = "U"
"""Of table 0200."""
_PARTS = 5


def moment(at: datetime) -> Encoded:
    """Give a time with its zone (TS)."""
    return value(at.strftime("%Y%m%d%H%M%S%z"))


def dicom_time(date: str, time: str, utc_offset: str) -> Encoded:
    """Give a header's date and time (TS); without an offset it is in the zone of MSH-7.

    Parameters
    ----------
    date, time
        YYYYMMDD and HHMMSS.FFFFFF, as `dicom_sr.source` gives them; "" where unknown.
    utc_offset
        As the header states it, "" where it does not.
    """
    if not date:
        return value("")
    whole, _, fraction = time.partition(".")
    # TS has no seconds without minutes, and no more than four digits of a fraction.
    fraction = f".{fraction[:4]}" if fraction and len(whole) == len("HHMMSS") else ""
    hours = whole if len(whole) >= len("HHMM") else ""
    return value(f"{date}{hours}{fraction}{utc_offset if hours else ''}")


def coded(code: Code) -> Encoded:
    """Give a code with its meaning and scheme (CE, CWE)."""
    return components(code.value, code.meaning, code.scheme_designator)


def universal_id(uid: str) -> Encoded:
    """Give a UID (HD): no namespace, the UID, and that it is an ISO one."""
    return components("", uid, "ISO")


def identity(identifier: str, issuer: str, kind: str) -> Encoded:
    """Give a patient's identity with its issuer (CX); "" where there is none."""
    if not identifier:
        return value("")
    authority = ("", issuer, "ISO") if is_uid(issuer) and "." in issuer else (issuer,)
    return components(identifier, "", "", authority, kind)


def patient_names(person_name: str) -> Encoded:
    """Give each group of a DICOM person name as a repetition (XPN).

    DICOM has family, given, middle, prefix, suffix; XPN has the suffix before the prefix.
    """
    names = []
    for group, representation in zip(person_name.split("="), _NAME_REPRESENTATIONS, strict=False):
        family, given, middle, prefix, suffix = _parts(group)
        if any((family, given, middle, prefix, suffix)):
            names.append(
                components(
                    (family,), given, middle, suffix, prefix, "", _LEGAL_NAME, representation
                )
            )
    return repetitions(names or [components("", "", "", "", "", "", _NAME_UNKNOWN)])


def reader(person_name: str) -> Encoded:
    """Give a reader as a name with a date (NDL), whose first component is the name (CNN)."""
    family, given, middle, prefix, suffix = _parts(person_name.split("=", maxsplit=1)[0])
    return components(("", family, given, middle, suffix, prefix))


def observer(person_name: str) -> Encoded:
    """Give a reader as a responsible observer (XCN)."""
    family, given, middle, prefix, suffix = _parts(person_name.split("=", maxsplit=1)[0])
    return components("", (family,), given, middle, suffix, prefix)


def _parts(group: str) -> tuple[str, str, str, str, str]:
    parts = [part.strip() for part in group.split("^")][:_PARTS]
    family, given, middle, prefix, suffix = parts + [""] * (_PARTS - len(parts))
    return family, given, middle, prefix, suffix
