"""Our own results read back: coded result, worded report and marks give the reading again.

The coded result (TID 1500) holds all of a reading but its timings. The report (TID 2000) and the
presentation state hold parts of it; where only they are there, what they say is given, and the
rest is said to be missing. What cannot come back equal is told by `dicom_sr.as_written`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage

from core.errors import NotReadError, UnreadableObjectError
from core.labels import Label
from core.reading import Finding, Presence
from dicom_sr import values
from dicom_sr.code_table import CodeTable
from dicom_sr.codes_toml import built_in_codes
from dicom_sr.content_tree import Node, read_tree
from dicom_sr.product import PRODUCT
from dicom_sr.read_back_coded import coded_part, library_size
from dicom_sr.read_back_marks import displayed_size, marks_part
from dicom_sr.read_back_part import ReadBack, Size
from dicom_sr.read_back_worded import worded_part
from dicom_sr.references import Sort, sort_of
from dicom_sr.text import one_line

__all__ = ["ReadBack", "read_back"]
_MERGED = frozenset(one.name for one in fields(ReadBack)) - {"missing"}


def read_back(
    documents: Iterable[Dataset], *, codes: CodeTable | None = None, size: Size | None = None
) -> ReadBack:
    """Read what our results of one reading say.

    Parameters
    ----------
    documents
        The coded result, the report and the presentation state of one reading, or some of them.
    codes
        The table of codes in force where they were made; None is the built-in one.
    size
        Rows and columns of the film; None takes what the documents say.

    Returns
    -------
    ReadBack
        All that they say; `reading()` gives the reading where nothing is missing.

    Raises
    ------
    NotReadError
        If a document is none of ours, or there is none.
    UnreadableObjectError
        If a document says of itself that it is ours and is not as ours are, or two documents are
        not of the same reading.
    """
    table = codes or built_in_codes()
    opened = sorted((_open(one) for one in documents), key=lambda one: one.rank)
    if not opened:
        message = "no result was given"
        raise NotReadError(message)
    known = size or next((found for one in opened if (found := one.size()) is not None), None)
    parts = [one.part(table, known) for one in opened]
    _check_same(parts)
    return _merged(parts)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A document of ours; those of a lower rank say more."""

    document: Dataset
    root: Node | None
    rank: int

    def size(self) -> Size | None:
        return displayed_size(self.document) if self.root is None else library_size(self.root)

    def part(self, codes: CodeTable, size: Size | None) -> ReadBack:
        try:
            if self.root is None:
                return marks_part(self.document, size)
            read = worded_part if self.rank else coded_part
            return read(self.root, codes, size)
        except ValueError as error:
            # The values of core refuse what no reading says.
            message = f"the document says what no reading can: {error}"
            raise UnreadableObjectError(message) from error


def _open(document: Dataset) -> _Opened:
    sop_class = values.first_text(document, "SOPClassUID")
    sort = sort_of(sop_class, has_pixels=False)
    maker = values.first_text(document, "ManufacturerModelName")
    if maker != PRODUCT or sort not in {Sort.REPORT, Sort.MARKS}:
        message = f"no draft of {PRODUCT}: a {sort.value} of {one_line(maker)[:64] or 'nobody'}"
        raise NotReadError(message)
    if sort is Sort.MARKS:
        return _Opened(document, None, 2)
    return _Opened(document, read_tree(document), int(sop_class == EnhancedSRStorage))


def _check_same(parts: Sequence[ReadBack]) -> None:
    """Refuse documents of several readings, and of one that was altered since."""
    for other in parts[1:]:
        for what in _differences(parts[0], other):
            message = f"the documents are not of one reading: they differ in {what}"
            raise UnreadableObjectError(message)


def _differences(first: ReadBack, other: ReadBack) -> Iterator[str]:
    for what in ("film_uid", "model_uid", "reading_id", "report", "given", "sentences"):
        one, two = getattr(first, what), getattr(other, what)
        if one is not None and two is not None and one != two:
            yield what.removesuffix("_uid").removesuffix("_id")
    if first.findings is None:
        return
    known = {finding.id: finding for finding in first.findings}
    for finding in other.findings or ():
        whole = known.get(finding.id)
        if whole is None:
            differs = first.complete
        elif finding.boxes and (whole.boxes or first.complete):
            differs = whole.boxes != finding.boxes
        else:
            differs = False  # one of the two is silent on the place
        if differs or (whole is not None and _stated(whole) != _stated(finding)):
            yield f"finding {finding.id}"


def _stated(finding: Finding) -> tuple[Label, Presence]:
    return finding.label, finding.presence


def _merged(parts: Sequence[ReadBack]) -> ReadBack:
    """Take each thing from the first document that tells it, and what is missing likewise."""
    merged = parts[0]
    for other in parts[1:]:
        news = {name: getattr(other, name) for name in _MERGED if getattr(merged, name) is None}
        merged = replace(merged, **news)
        merged = replace(merged, findings=_with_boxes(merged.findings, other.findings))
    return replace(merged, missing=tuple(dict.fromkeys(_still_missing(merged, parts))))


def _with_boxes(
    findings: tuple[Finding, ...] | None, others: tuple[Finding, ...] | None
) -> tuple[Finding, ...] | None:
    """Give findings whose own document says no places those that another one says."""
    placed = {finding.id: finding.boxes for finding in others or ()}
    if findings is None or not placed:
        return findings
    return tuple(
        one if one.boxes else replace(one, boxes=placed.get(one.id, ())) for one in findings
    )


def _still_missing(merged: ReadBack, parts: Sequence[ReadBack]) -> Iterable[str]:
    if merged.complete:
        return
    for part in parts:
        yield from part.missing
