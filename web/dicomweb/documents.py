"""Headers of stored files in the JSON model, the latest ones kept."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException

from core.errors import OutOfMemoryError, UnreadableObjectError
from imaging.header import read_header
from web.dicomweb.json_model import Budget, Document, to_document
from web.dicomweb.refusals import gone, not_acceptable

Object = TypeVar("Object")
Made = TypeVar("Made")
_KEPT: Final = 8 << 20
"""Of what documents cost together (`Budget`): some thousand headers of films, or a hundred reports.
Whatever anybody sent, they take up less than ten times as many bytes of memory."""

_kept: OrderedDict[Path, tuple[Document, int]] = OrderedDict()
"""Documents with what each cost, the one that was asked for last behind."""
_lock = Lock()


def document_of(path: Path) -> Document:
    """Give the header of a stored file in the JSON model; not to be changed.

    A kept file never changes, and its path is never used again (`db.spool`).

    Raises
    ------
    UnreadableObjectError
        If it cannot be read.
    OSError
        If the disk cannot give it.
    """
    with _lock:
        if path in _kept:
            _kept.move_to_end(path)
            return _kept[path][0]
    budget = Budget()
    document = to_document(read_header(path), budget)
    with _lock:
        _kept[path] = document, budget.spent
        together = sum(cost for _, cost in _kept.values())
        while together > _KEPT:
            together -= _kept.popitem(last=False)[1][1]
    return document


def known_document(path: Path) -> Document:
    """Give a header's document as far as it can be had: an empty one where it cannot."""
    try:
        return document_of(path)
    except (UnreadableObjectError, OSError):
        return {}


def addressed(document: Document, at: str) -> Document:
    """Give a document whose bulk data are addressed below a URL, such as `.../bulkdata/`."""
    return {tag: _addressed(element, at) for tag, element in document.items()}


def _addressed(element: Document, at: str) -> Document:
    if "BulkDataURI" in element:
        return {**element, "BulkDataURI": at + element["BulkDataURI"]}
    if element["vr"] == "SQ" and "Value" in element:
        return {**element, "Value": [addressed(item, at) for item in element["Value"]]}
    return element


def values_at(document: Document, path: tuple[str, ...]) -> list[Any]:
    """Give all values of an attribute, those in every item of the sequences on the way to it."""
    element = document.get(path[0], {})
    values: list[Any] = [value for value in element.get("Value", ()) if value is not None]
    if len(path) == 1:
        return values
    return [
        found
        for item in values
        if isinstance(item, dict) and element["vr"] == "SQ"
        for found in values_at(item, path[1:])
    ]


def of_each(objects: Iterable[Object], make: Callable[[Object], Made]) -> list[Made]:
    """Make something of each object, leaving out those whose files are damaged or gone.

    Parameters
    ----------
    objects
        One damaged object must not hide the rest of its study.
    make
        Makes it of one.

    Raises
    ------
    UnreadableObjectError, FileNotFoundError
        If nothing could be made of any: what was wrong with the last one.
    """
    made: list[Made] = []
    wrong: Exception | None = None
    for one in objects:
        try:
            made.append(make(one))
        except (UnreadableObjectError, FileNotFoundError) as error:
            wrong = error
    if wrong is not None and not made:
        raise wrong
    return made


@contextmanager
def told_of_files() -> Iterator[None]:
    """Turn what a stored file may be short of into the answer that says so."""
    try:
        yield
    except FileNotFoundError as error:
        message = "the object's file is not here any more"
        raise gone(message) from error
    except UnreadableObjectError as error:
        message = f"the object cannot be given so: {error}"
        raise not_acceptable(message) from error
    except (OutOfMemoryError, OSError) as error:
        message = "the disk or the memory is short; try again"
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, message) from error
