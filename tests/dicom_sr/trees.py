"""Looks into content trees."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code


def walk(item: Dataset) -> Iterator[Dataset]:
    """Give an item and all below it, in document order."""
    yield item
    for child in item.get("ContentSequence", ()):
        yield from walk(child)


def children(item: Dataset, name: Code | None = None) -> list[Dataset]:
    """Give the children of an item, or those of one name."""
    found = list(item.get("ContentSequence", ()))
    return [child for child in found if name is None or is_named(child, name)]


def is_named(item: Dataset, name: Code) -> bool:
    """Tell whether an item's concept name is a code."""
    return code_of(item.ConceptNameCodeSequence[0]) == (name.value, name.scheme_designator)


def named(root: Dataset, name: Code) -> list[Dataset]:
    """Give all items of one concept name."""
    return [item for item in walk(root) if is_named(item, name)]


def code_of(item: Dataset) -> tuple[str, str]:
    """Give a code item's value and scheme."""
    return item.CodeValue, item.CodingSchemeDesignator


def value_of(item: Dataset) -> tuple[str, str]:
    """Give the value of a CODE item."""
    return code_of(item.ConceptCodeSequence[0])
