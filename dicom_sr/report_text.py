"""The text of a structured report that somebody else wrote, as lines to be read.

Bounded in depth, items and length: a report comes from outside. What is no text, code, number or
name is left out, images and coordinates among it.
"""

from collections.abc import Iterator
from contextlib import suppress

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom_sr import values
from dicom_sr.concepts import FINDING_SITE, LATERALITY
from dicom_sr.content_tree import coded, first_item, items_of
from dicom_sr.text import one_line, paragraphs

LONGEST = 20_000
"""Characters of a report that are given."""
_DEEPEST = 12
_MOST_ITEMS = 2_000
_MOST_SIGNERS = 10
_INDENT = "  "
_CONTEXT = frozenset({"HAS OBS CONTEXT", "HAS CONCEPT MOD"})
_CUT = "[...]"


def report_text(document: Dataset) -> str:
    """Give a report's content as text, a line or more for each item, indented by its depth.

    Parameters
    ----------
    document
        A structured report (PS3.3 C.17.3).

    Returns
    -------
    str
        Lines ended by a line feed, without control characters; "" where there is no content.
        What is beyond the bounds is left out, and the last line says so.
    """
    lines: list[str] = []
    room = LONGEST - len(_CUT) - 1
    for number, line in enumerate(_lines(document, 0)):
        if number >= _MOST_ITEMS or len(line) >= room:
            lines += [line[:room], _CUT] if room > 0 else [_CUT]
            break
        lines.append(line)
        room -= len(line) + 1
    return "\n".join(lines)


def report_heading(document: Dataset) -> str:
    """Say in one line what a report is: its title, who stands for it, how far it is, and when."""
    signers = [
        one_line(values.text(signer, "VerifyingObserverName"))
        for signer in items_of(document, "VerifyingObserverSequence")[:_MOST_SIGNERS]
    ]
    flags = [
        one_line(values.first_text(document, f"{flag}Flag"))
        for flag in ("Completion", "Verification", "Preliminary")
    ]
    said = [
        _meaning(document, "ConceptNameCodeSequence") or "Report without a title",
        *flags,
        f"signed by {'; '.join(signers)}" if any(signers) else "",
        _moment(document),
    ]
    return ", ".join(words for words in said if words)


def _moment(document: Dataset) -> str:
    """Give date and time as persons write them; "" where there is no date."""
    day = values.date_text(document, "ContentDate")
    time = values.time_text(document, "ContentTime")
    if not day:
        return ""
    hours = f" {time[:2]}:{time[2:4] or '00'}" if time else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}{hours}"


def _lines(place: Dataset, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield f"{_INDENT * depth}{_CUT}"
        return
    items = values.raw_value(place, "ContentSequence")
    if not isinstance(items, Sequence):
        return
    for item in items:
        if _is_context(item):
            continue
        name, value = _meaning(item, "ConceptNameCodeSequence"), _value(item)
        if value or (name and values.first_text(item, "ValueType") == "CONTAINER"):
            said = f"{name}: {value}" if name and value else name or value
            yield from (f"{_INDENT * depth}{line}" for line in said.split("\r\n") if line)
        yield from _lines(item, depth + 1)


def _is_context(item: Dataset) -> bool:
    """Tell whether an item only says how another is meant; where a finding lies is more."""
    if values.first_text(item, "RelationshipType").upper() not in _CONTEXT:
        return False
    name = coded(item, "ConceptNameCodeSequence")
    return name is None or not (name.means(FINDING_SITE) or name.means(LATERALITY))


def _value(item: Dataset) -> str:
    match values.first_text(item, "ValueType"):
        case "TEXT":
            return paragraphs(values.text(item, "TextValue"))
        case "CODE":
            return _meaning(item, "ConceptCodeSequence")
        case "NUM":
            return _number(item)
        case "PNAME":
            return one_line(values.text(item, "PersonName"))
        case "DATE" | "TIME" | "DATETIME" as kind:
            keyword = {"DATE": "Date", "TIME": "Time", "DATETIME": "DateTime"}[kind]
            return one_line(values.text(item, keyword))
        case _:
            return ""


def _number(item: Dataset) -> str:
    measured = first_item(item, "MeasuredValueSequence")
    if measured is None:
        return ""
    number = one_line(values.text(measured, "NumericValue"))
    with suppress(ValueError):
        number = f"{float(number):.12g}"
    return f"{number} {_unit(measured)}".strip()


def _unit(measured: Dataset) -> str:
    """Give a unit as it is written beside a number; UCUM's codes in braces are mere words."""
    unit = coded(measured, "MeasurementUnitsCodeSequence")
    if unit is None:
        return ""
    plain = unit.scheme == "UCUM" and "{" not in unit.value and unit.value != "1"
    return unit.value if plain else unit.meaning


def _meaning(item: Dataset, keyword: str) -> str:
    code = first_item(item, keyword)
    return "" if code is None else one_line(values.text(code, "CodeMeaning"))
