"""What a viewer's list of series says of a result."""

import re
from typing import Final

from dicom_sr.text import LONG_STRING, cut, one_line

_PLACE: Final = re.compile(r"\{(kind|film|notice)\}")


def series_description(template: str, *, kind: str, film: str, notice: str) -> str:
    """Fill the template of a Series Description.

    The notice is never lost: where the whole is too long, the film's place is left out, and then
    all but the notice.

    Parameters
    ----------
    template
        With `{notice}`, and `{kind}` and `{film}` where they are wanted; nothing else in braces is
        looked at.
    kind
        In a word.
    film
        Which of several films; may be empty.
    notice
        At most 64 bytes.

    Returns
    -------
    str
        VR LO, of at most 64 bytes of UTF-8 (see `dicom_sr.text.cut`).
    """
    for told in ({"kind": kind, "film": film}, {"kind": kind, "film": ""}):
        whole = _filled(template, told | {"notice": notice})
        if len(whole.encode()) <= LONG_STRING:
            return whole
    return cut(notice, LONG_STRING)


def _filled(template: str, told: dict[str, str]) -> str:
    words = one_line(_PLACE.sub(lambda found: told[found.group(1)], template)).replace("\\", "/")
    # What stood before a place that is empty now: "Report :" is "Report:".
    return re.sub(r"\s+([:;,.)])", r"\1", words).strip(" ,;-")
