"""The values of content items (PS3.3 C.17.3.2 and C.18), each either sound or none."""

import math
from dataclasses import dataclass
from typing import Any, Final

from pydicom.multival import MultiValue

from core.uids import is_uid
from dicom_sr import values
from dicom_sr.content_tree import Coded, Node, coded, first_item, items_of
from dicom_sr.text import one_line, paragraphs

MOST_POINTS: Final = 10_000
"""Points of one graphic that are read."""
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Number:
    """A measured value.

    Parameters
    ----------
    value
        A finite number.
    unit
        None where nobody says.
    """

    value: float
    unit: Coded | None


@dataclass(frozen=True, slots=True)
class Instance:
    """A referenced instance; `frames` is empty where all of it is meant."""

    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Graphic:
    """Spatial coordinates on an image (PS3.3 C.18.6).

    Parameters
    ----------
    sort
        Graphic Type.
    points
        Column and row, 0, 0 the top-left corner of the top-left pixel.
    """

    sort: str
    points: tuple[tuple[float, float], ...]


def text_of(node: Node) -> str:
    """Give the words of a TEXT, paragraphs divided by CR LF; of other types that are words, too."""
    keyword = {
        "TEXT": "TextValue",
        "PNAME": "PersonName",
        "DATE": "Date",
        "TIME": "Time",
        "DATETIME": "DateTime",
    }.get(node.value_type)
    if keyword is None:
        return ""
    words = paragraphs(values.text(node.item, keyword))
    return words if keyword == "TextValue" else one_line(words)


def code_of(node: Node) -> Coded | None:
    """Give the value of a CODE."""
    return coded(node.item, "ConceptCodeSequence") if node.value_type == "CODE" else None


def uid_of(node: Node) -> str | None:
    """Give the value of a UIDREF where it is a UID."""
    uid = values.text(node.item, "UID").strip(" \0")
    return uid if node.value_type == "UIDREF" and is_uid(uid) else None


def number_of(node: Node) -> Number | None:
    """Give the value of a NUM: the double where one is stated beside the decimal string."""
    measured = first_item(node.item, "MeasuredValueSequence")
    if node.value_type != "NUM" or measured is None:
        return None
    for keyword in ("FloatingPointValue", "NumericValue"):
        found = values.numbers(measured, keyword)
        if len(found) == 1:
            return Number(found[0], coded(measured, "MeasurementUnitsCodeSequence"))
    return None


def instances_of(node: Node) -> tuple[Instance, ...]:
    """Give what an IMAGE, COMPOSITE or WAVEFORM refers to; what has no usable UID is left out."""
    return tuple(
        Instance(
            values.text(item, "ReferencedSOPClassUID").strip(" \0"),
            uid,
            tuple(int(one) for one in values.numbers(item, "ReferencedFrameNumber")),
        )
        for item in items_of(node.item, "ReferencedSOPSequence")
        if is_uid(uid := values.text(item, "ReferencedSOPInstanceUID").strip(" \0"))
    )


def graphic_of(node: Node) -> Graphic | None:
    """Give the coordinates of an SCOORD; None where they are no pairs of finite numbers."""
    if node.value_type != "SCOORD":
        return None
    points = pairs(values.raw_value(node.item, "GraphicData"))
    sort = values.first_text(node.item, "GraphicType").upper()
    return Graphic(sort, points) if sort and points else None


def pairs(data: Any) -> tuple[tuple[float, float], ...]:
    """Divide a list of numbers into points; empty where it is none or holds too many."""
    if not isinstance(data, (MultiValue, list, tuple)) or len(data) > _PAIR * MOST_POINTS:
        return ()
    try:
        found = [float(one) for one in data]
    except (TypeError, ValueError):
        return ()
    if len(found) % _PAIR or not all(math.isfinite(one) for one in found):
        return ()
    return tuple(zip(found[::_PAIR], found[1::_PAIR], strict=True))
