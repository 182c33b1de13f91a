"""Opens one DICOM file of any kind for a person to look at, however hostile it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from dicom_sr import values
from dicom_sr.references import Sort, instance_uid, referenced_instances, sort_of
from imaging.header import read_header

_MOST_ITEMS: Final = 100_000
"""Items of all sequences of one file; pydicom reads about 10,000 in a second."""
_ITEM_TAGS: Final = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was opened.

    Parameters
    ----------
    path
        Where it lies.
    header
        All but its pixels.
    sort
        What it is.
    uid
        Its SOP Instance UID; empty where it has none.
    of
        SOP Instance UIDs of what it is of, the first one first.
    """

    path: Path
    header: Dataset
    sort: Sort
    uid: str
    of: tuple[str, ...]


def open_object(path: Path) -> Opened:
    """Open a file.

    Raises
    ------
    UnreadableObjectError
        If it is no DICOM file, is cut off, or holds more items than any object that is shown.
    OSError
        If the disk cannot give it.
    """
    _check_items(path)
    header = read_header(path)
    sort = sort_of(values.text(header, "SOPClassUID").strip(" \0"), has_pixels="Rows" in header)
    return Opened(path, header, sort, instance_uid(header), referenced_instances(header))


def _check_items(path: Path) -> None:
    """Refuse a file of very many items before anything is parsed: parsing them is what costs."""
    counts = [0] * len(_ITEM_TAGS)
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            piece = rest + piece
            for place, tag in enumerate(_ITEM_TAGS):
                counts[place] += piece.count(tag)
            rest = piece[1 - len(_ITEM_TAGS[0]) :]
    if max(counts) > _MOST_ITEMS:
        message = f"the file has more than {_MOST_ITEMS} items of sequences"
        raise UnreadableObjectError(message)
