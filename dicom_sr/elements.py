"""Setting data elements whose values were checked by us."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

if TYPE_CHECKING:
    # With it come all codes of the standard, for which a listener has no use.
    from pydicom.sr.coding import Code


def put(dataset: Dataset, keyword: str, value: Any) -> None:
    """Set an element without pydicom's checks of its value.

    For identities that are written as the film's header has them, even where they are longer
    than the standard allows, and for values that were made to fit: neither needs a warning.

    Raises
    ------
    KeyError
        If the keyword is none of the dictionary.
    """
    tag, representation = _known(keyword)
    dataset[tag] = DataElement(tag, representation, value, validation_mode=IGNORE)


@cache
def _known(keyword: str) -> tuple[BaseTag, str]:
    """Look a keyword up, once: a document has thousands of elements and a few dozen keywords."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        message = f"no data element is called {keyword!r}"
        raise KeyError(message)
    return Tag(tag), dictionary_VR(tag)


def code_item(code: "Code") -> Dataset:
    """Make an item of a code sequence, PS3.3 section 8."""
    item = Dataset()
    put(item, "CodeValue", code.value)
    put(item, "CodingSchemeDesignator", code.scheme_designator)
    put(item, "CodeMeaning", code.meaning)
    return item


def reference(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    """Make a reference to an instance."""
    item = Dataset()
    put(item, "ReferencedSOPClassUID", sop_class_uid)
    put(item, "ReferencedSOPInstanceUID", sop_instance_uid)
    return item


def hierarchical_reference(study_uid: str, objects: Iterable[tuple[str, Dataset]]) -> Dataset:
    """Make a reference to instances of one study, PS3.3 table C.17-3.

    Parameters
    ----------
    study_uid
        Their study.
    objects
        Series Instance UID and reference of each.
    """
    series: dict[str, list[Dataset]] = {}
    for series_uid, item in objects:
        series.setdefault(series_uid, []).append(item)
    study = Dataset()
    put(study, "StudyInstanceUID", study_uid)
    put(study, "ReferencedSeriesSequence", [_series(*one) for one in series.items()])
    return study


def _series(series_uid: str, references: list[Dataset]) -> Dataset:
    item = Dataset()
    put(item, "SeriesInstanceUID", series_uid)
    put(item, "ReferencedSOPSequence", references)
    return item
