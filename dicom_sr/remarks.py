"""Remarks on the picture and on the answer, in words for persons with their word for machines."""

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from core.reading import Reading, Remark
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.observers import in_own_language
from dicom_sr.text import one_line, paragraphs


def remark_items(reading: Reading, context: BuildContext) -> list[Dataset]:
    """Give the remarks of the quality gate, then those of the checks; blank ones are left out."""
    return [
        *quality_items(reading, context),
        *(_item(concepts.CHECK, one, context) for one in _said(reading.checks)),
    ]


def quality_items(reading: Reading, context: BuildContext) -> list[Dataset]:
    """Give the remarks on the picture alone; blank ones are left out."""
    return [_item(concepts.QUALITY_FINDING, one, context) for one in _said(reading.quality)]


def _said(remarks: tuple[Remark, ...]) -> list[Remark]:
    return [one for one in remarks if paragraphs(one.text)]


def _item(name: Code, remark: Remark, context: BuildContext) -> Dataset:
    item = items.text(name, paragraphs(remark.text), items.CONTAINS)
    code = one_line(remark.code)
    below = [items.text(concepts.REMARK_CODE, code, items.HAS_PROPERTIES)] if code else []
    return in_own_language(items.with_children(item, below), context)
