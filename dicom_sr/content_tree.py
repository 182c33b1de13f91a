"""The content tree of a structured report of any origin, as plain values.

A document comes from outside, even where it says that it is ours: its depth and its items are
bounded before they are parsed, and a value of the wrong kind is no value.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code
from pydicom.tag import Tag

from core.errors import UnreadableObjectError
from dicom_sr import values
from dicom_sr.text import one_line

MOST_ITEMS: Final = 20_000
"""Content items of one document; a report on a CT study of a thousand images has about 10,000."""
DEEPEST: Final = 32
"""Levels of one document; TID 1500 needs about 8."""
_MOST_RAW_ITEMS: Final = 5 * MOST_ITEMS
"""Items of all sequences, those of codes and references among them."""
_ITEM_TAGS: Final = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
"""(FFFE,E000), little and big endian (PS3.5 section 7.5)."""
_CONTENT: Final = Tag("ContentSequence")
_OTHER_NAMES: Final = {
    "SNM3": "SRT",
    "99SDM": "SRT",
    "SNOMED-RT": "SRT",
    "SNOMED": "SCT",
    "SNOMED-CT": "SCT",
    "2.16.840.1.113883.6.96": "SCT",
}
"""Designators in use beside those of PS3.16 section 8, by the scheme that they mean."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code as somebody wrote it; each part is one line without control characters.

    Parameters
    ----------
    value
        Code Value, Long Code Value or URN Code Value.
    scheme
        Coding Scheme Designator.
    meaning
        In the writer's words.
    """

    value: str
    scheme: str
    meaning: str

    def means(self, code: Code) -> bool:
        """Tell whether it is a code: value and scheme count, its words do not.

        Older designators and values of SNOMED (SRT, SNM3, 99SDM) mean their concept of SCT, as
        far as PS3.16 annex O maps them.
        """
        scheme = _OTHER_NAMES.get(self.scheme.upper(), self.scheme)
        # pydicom holds annex O's map in the equality of codes.
        return bool(Code(self.value, scheme, "") == code)


@dataclass(frozen=True, slots=True)
class Node:
    """One content item (PS3.3 C.17.3).

    Parameters
    ----------
    value_type, relationship
        As coded strings; empty where they are missing.
    name
        Its concept name, None where it has none.
    item
        The data set that holds its value; see `dicom_sr.content_values`.
    children
        The items below it, in their order.
    """

    value_type: str
    relationship: str
    name: Coded | None
    item: Dataset = field(repr=False)
    children: tuple["Node", ...] = ()

    def is_named(self, *names: Code) -> bool:
        """Tell whether its concept name is one of some codes."""
        return self.name is not None and any(self.name.means(name) for name in names)

    def named(self, *names: Code) -> tuple["Node", ...]:
        """Give the children of some concept names, in their order."""
        return tuple(child for child in self.children if child.is_named(*names))

    def first(self, *names: Code) -> "Node | None":
        """Give the first child of some concept names."""
        return next(iter(self.named(*names)), None)

    def walk(self) -> Iterator["Node"]:
        """Give it and all that is below it, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def read_tree(document: Dataset) -> Node:
    """Read a document's content.

    Items by reference (PS3.3 C.17.3.2.2) are read as items without children: a document
    cannot lead round in a circle.

    Parameters
    ----------
    document
        A structured report.

    Returns
    -------
    Node
        The root.

    Raises
    ------
    UnreadableObjectError
        If it has no content, or is deeper or larger than any report.
    """
    budget = _Budget()
    root = _node(document, budget, 0)
    if not root.children and root.name is None:
        message = "the document has no content"
        raise UnreadableObjectError(message)
    return root


def coded(item: Dataset, keyword: str) -> Coded | None:
    """Read the first code of a sequence; None where it holds no code."""
    code = first_item(item, keyword)
    if code is None:
        return None
    for name in ("CodeValue", "LongCodeValue", "URNCodeValue"):
        value = one_line(values.text(code, name))
        if value:
            scheme = one_line(values.text(code, "CodingSchemeDesignator"))
            return Coded(value, scheme, one_line(values.text(code, "CodeMeaning")))
    return None


def first_item(item: Dataset, keyword: str) -> Dataset | None:
    """Give the first item of a sequence, None where there is none."""
    found = items_of(item, keyword)
    return found[0] if found else None


def items_of(item: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Give the items of a sequence; none where the element is missing or no sequence."""
    found = values.raw_value(item, keyword)
    return tuple(found) if isinstance(found, Sequence) else ()


@dataclass(slots=True)
class _Budget:
    """What is left of the bounds while a document is read."""

    items: int = MOST_ITEMS
    raw_items: int = _MOST_RAW_ITEMS

    def spend(self) -> None:
        self.items -= 1
        if self.items < 0:
            message = f"the document has more than {MOST_ITEMS} content items"
            raise UnreadableObjectError(message)

    def check(self, document: Dataset) -> None:
        """Refuse content that is too large while it is still bytes: parsing is what costs."""
        element: Any = None
        with suppress(Exception):  # a value representation that is none: there are no items
            element = document.get_item(_CONTENT)
        if isinstance(element, RawDataElement) and element.value is not None:
            count = max(element.value.count(tag) for tag in _ITEM_TAGS)
            if count > self.raw_items:
                message = f"the document has more than {self.raw_items} items of sequences"
                raise UnreadableObjectError(message)


def _node(item: Dataset, budget: _Budget, depth: int) -> Node:
    if depth > DEEPEST:
        message = f"the document is deeper than {DEEPEST} levels"
        raise UnreadableObjectError(message)
    budget.spend()
    budget.check(item)
    return Node(
        value_type=values.first_text(item, "ValueType").upper(),
        relationship=values.first_text(item, "RelationshipType").upper(),
        name=coded(item, "ConceptNameCodeSequence"),
        item=item,
        children=tuple(
            _node(child, budget, depth + 1) for child in items_of(item, "ContentSequence")
        ),
    )
