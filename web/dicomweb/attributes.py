"""How a request names attributes (PS3.18 section 8.3.1.1): by keyword or tag, with dots."""

import re
from typing import Final

from pydicom.datadict import dictionary_VR, tag_for_keyword

from web.dicomweb.refusals import bad_request

AttributePath = tuple[str, ...]
"""Tags of eight upper-case hexadecimal digits, from the outermost sequence inwards."""

_TAG: Final = re.compile(r"[0-9A-Fa-f]{8}")
_LONGEST: Final = 256


def attribute_path(name: str) -> AttributePath:
    """Give the path of an attribute.

    Parameters
    ----------
    name
        Such as `PatientID`, `00100020` or `RequestAttributesSequence.ScheduledProcedureStepID`.

    Raises
    ------
    starlette.exceptions.HTTPException
        400, if it names none: a filter that was ignored would give more patients than asked for.
    """
    if len(name) > _LONGEST:
        message = "an attribute's name is too long"
        raise bad_request(message)
    return tuple(_tag(part) for part in name.split("."))


def vr_of(path: AttributePath) -> str:
    """Give the value representation of an attribute; LO where the dictionary knows none."""
    try:
        return dictionary_VR(int(path[-1], 16)).split(" ")[0]
    except KeyError:
        return "LO"


def _tag(part: str) -> str:
    if _TAG.fullmatch(part):
        return part.upper()
    tag = tag_for_keyword(part)
    if tag is None:
        message = "a parameter names no attribute"
        raise bad_request(message)
    return f"{tag:08X}"
