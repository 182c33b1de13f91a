"""The text of a structured report that somebody else wrote, as lines to be read.

Bounded in depth, items and length: a report comes from outside. What is no text, code, number or
name is left out, images and coordinates among it.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom_sr import values
from dicom_sr.text import one_line, paragraphs

LONGEST = 20_000
"""Characters of a report that are given."""
_DEEPEST = 12
_MOST_ITEMS = 2_000
_INDENT = "  "
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


def _lines(place: Dataset, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield f"{_INDENT * depth}{_CUT}"
        return
    items = values.raw_value(place, "ContentSequence")
    if not isinstance(items, Sequence):
        return
    for item in items:
        if values.first_text(item, "RelationshipType").upper() in {
            "HAS OBS CONTEXT",
            "HAS CONCEPT MOD",
        }:
            continue
        name, value = _meaning(item, "ConceptNameCodeSequence"), _value(item)
        if value or (name and values.first_text(item, "ValueType") == "CONTAINER"):
            said = f"{name}: {value}" if name and value else name or value
            yield from (f"{_INDENT * depth}{line}" for line in said.split("\r\n") if line)
        yield from _lines(item, depth + 1)


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
    measured = _first(item, "MeasuredValueSequence")
    if measured is None:
        return ""
    unit = _meaning(measured, "MeasurementUnitsCodeSequence")
    return one_line(f"{values.text(measured, 'NumericValue')} {unit}")


def _meaning(item: Dataset, keyword: str) -> str:
    code = _first(item, keyword)
    return "" if code is None else one_line(values.text(code, "CodeMeaning"))


def _first(item: Dataset, keyword: str) -> Dataset | None:
    items = values.raw_value(item, keyword)
    return items[0] if isinstance(items, Sequence) and len(items) else None
