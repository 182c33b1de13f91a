"""A data set in the DICOM JSON model (PS3.18 annex F), whatever its header holds.

pydicom's own `to_json_dict` gives up a whole sequence for one odd value in it, writes that value
into a log, and writes numbers that are no JSON. Here each element stands for itself: one that
cannot be converted is left out, and nothing is logged.
"""

import base64
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filewriter import correct_ambiguous_vr_element
from pydicom.tag import BaseTag

from db.models.types import clean_text

Document = dict[str, Any]
"""A data set in the JSON model."""

_BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_WHOLE: Final = frozenset({"IS", "SL", "SS", "SV", "UL", "US", "UV"})
_DECIMAL: Final = frozenset({"DS", "FD", "FL"})
_INLINE_BYTES: Final = 1024
"""Of a binary value; a longer one is given by its address."""
_LONGEST: Final = 1 << 16
"""Bytes of any other value; a longer one is given by its address, a sequence only by `_BUDGET`."""
_BUDGET: Final = 1 << 20
"""Encoded bytes of all values of a data set that are converted, and `_EACH` for each of them.
Sequences beyond are left out: as empty items, a megabyte of them keeps pydicom busy for seconds."""
_EACH: Final = 32
"""Bytes that an element, an item or a value costs, however short: the shortest has one byte and a
separator in a header, and hundreds of bytes as an object in memory."""
_WIDTHS: Final = {"AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8}
"""Encoded bytes of a number."""
_VR_LETTERS: Final = 2


class Budget:
    """What a data set's document may still cost.

    Attributes
    ----------
    left
        Bytes.
    """

    def __init__(self) -> None:
        self.left = _BUDGET

    @property
    def spent(self) -> int:
        """What was taken so far; a document's memory is less than ten times as much."""
        return _BUDGET - self.left

    def take(self, size: int) -> bool:
        """Take so many bytes, where there are as many."""
        if size > self.left:
            return False
        self.left -= size
        return True


def to_document(dataset: Dataset, budget: Budget | None = None) -> Document:
    """Give a data set in the JSON model.

    Parameters
    ----------
    dataset
        Untrusted. Group lengths, file meta information and pixels are left out.
    budget
        A new one, for who wants to know what the document cost.

    Returns
    -------
    dict
        Values of JSON only, in UTF-8 (ISO_IR 192). Long values have `BulkDataURI`, which is here
        the path of tags and item numbers that leads to the element, such as `00283010/1/00283006`.
    """
    document = _document(dataset, "", budget or Budget())
    if document:
        document["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return dict(sorted(document.items()))


def _document(dataset: Dataset, path: str, budget: Budget) -> Document:
    document: Document = {}
    for tag in sorted(dataset.keys()):
        if tag.element == 0 or tag.group == 0x7FE0:  # noqa: PLR2004 - the group of pixels
            continue
        try:
            found = _element(dataset, tag, f"{path}{tag:08X}", budget)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - there is no list of what a converter may meet
            continue
        if found is not None:
            document[f"{tag:08X}"] = found
    return document


def _element(dataset: Dataset, tag: BaseTag, path: str, budget: Budget) -> Document | None:
    raw: Any = dataset.get_item(tag)
    encoded = raw.value if isinstance(raw, RawDataElement) else None
    size = len(encoded) if isinstance(encoded, bytes) else 0
    vr = str(raw.VR or _vr_of(tag))
    binary = vr in _BINARY or len(vr) > _VR_LETTERS
    if not budget.take(_EACH):
        return None
    if vr == "SQ":
        if not budget.take(size):
            return None
    elif size > (_INLINE_BYTES if binary else _LONGEST) or not budget.take(
        size + _EACH * _number_of_values(vr, encoded)
    ):
        return {"vr": vr if len(vr) == _VR_LETTERS else "UN", "BulkDataURI": path}
    element = dataset[tag]
    if element.VR == "SQ" and not budget.take(_EACH * len(element.value)):
        return None
    if len(element.VR) > _VR_LETTERS:
        correct_ambiguous_vr_element(element, dataset, is_little_endian=True)
    return _converted(element, path, budget)


def _number_of_values(vr: str, encoded: Any) -> int:
    """Count values before they are converted, or count too many."""
    if not isinstance(encoded, bytes) or vr in _BINARY:
        return 0
    width = 2 if len(vr) > _VR_LETTERS else _WIDTHS.get(vr)
    return encoded.count(b"\\") if width is None else len(encoded) // width


def _vr_of(tag: BaseTag) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _converted(element: DataElement, path: str, budget: Budget) -> Document:
    vr = str(element.VR)
    document: Document = {"vr": vr}
    if vr in _BINARY:
        value = element.value or b""
        if len(value) > _INLINE_BYTES:
            return {"vr": vr, "BulkDataURI": path}
        if value:
            document["InlineBinary"] = base64.b64encode(bytes(value)).decode("ascii")
        return document
    if vr == "SQ":
        items = [
            _document(item, f"{path}/{number}/", budget)
            for number, item in enumerate(element.value, 1)
        ]
        return {"vr": "SQ", "Value": items} if items else document
    convert: Callable[[Any], Any] = _VALUES.get(vr, _text)
    values = [convert(value) for value in _each(element.value)]
    if any(value is not None for value in values):
        document["Value"] = values
    return document


def _each(value: Any) -> Iterable[Any]:
    if value is None or value == "":
        return ()
    # pydicom's own class for several values is a list to everybody but `isinstance`.
    several = hasattr(value, "append") or isinstance(value, tuple)
    return value if several else (value,)


def _text(value: Any) -> str | None:
    return clean_text(str(value)) or None


def _name(value: Any) -> Document | None:
    groups = ("Alphabetic", "Ideographic", "Phonetic")
    parts = {
        group: clean_text(part)
        for group, part in zip(groups, str(value).split("="), strict=False)
        if part
    }
    return parts or None


def _whole(value: Any) -> int | None:
    return None if value == "" else int(value)


def _decimal(value: Any) -> float | None:
    number = float(value) if isinstance(value, Decimal | float | int) else float(str(value))
    return number if math.isfinite(number) else None


def _tag(value: Any) -> str:
    return f"{int(value):08X}"


_VALUES: Final[dict[str, Callable[[Any], Any]]] = {
    "PN": _name,
    "AT": _tag,
    **dict.fromkeys(_WHOLE, _whole),
    **dict.fromkeys(_DECIMAL, _decimal),
}
