"""What a viewer's list of series says of a result."""

import re
from typing import Final

from dicom_sr.text import LONG_STRING, cut, one_line

_PLACE: Final = re.compile(r"\{(kind|film|notice)\}")


def series_description(
    template: str, *, kind: str, film: str, notice: str, short_notice: str
) -> str:
    """Fill the template of a Series Description.

    Neither a notice nor the kind is ever lost. Where the whole is too long, the film's place is
    left out; then the short notice stands for the whole one, which the object has inside; and
    where the template itself leaves no room, kind and short notice stand alone.

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
    short_notice
        The same in fewer words.

    Returns
    -------
    str
        VR LO, of at most 64 bytes of UTF-8 (see `dicom_sr.text.cut`).
    """
    for said in (notice, short_notice):
        for place in (film, ""):
            whole = _filled(template, {"kind": kind, "film": place, "notice": said})
            if len(whole.encode()) <= LONG_STRING:
                return whole
    return cut(f"{kind}: {short_notice}", LONG_STRING)


def _filled(template: str, told: dict[str, str]) -> str:
    words = one_line(_PLACE.sub(lambda found: told[found.group(1)], template)).replace("\\", "/")
    # What stood before a place that is empty now: "Report :" is "Report:".
    return re.sub(r"\s+([:;,.)])", r"\1", words).strip(" ,;-")
