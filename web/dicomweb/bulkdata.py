"""WADO-RS: long values by the address that metadata give (PS3.18 section 10.4.1.1.5)."""

import re
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from pydicom.dataset import Dataset
from starlette.responses import Response

from core.accounts import AccountRole
from core.errors import UnreadableObjectError
from imaging.header import read_header
from web.access.guard import GuardedRouter
from web.dicomweb.accept import wanted_of
from web.dicomweb.address import ROOT
from web.dicomweb.documents import told_of_files
from web.dicomweb.frames import BYTES
from web.dicomweb.multipart import Part, related
from web.dicomweb.pixel_bytes import plain_pixels
from web.dicomweb.refusals import bad_request, not_acceptable, not_found
from web.dicomweb.shelf import InstanceShelf

router = GuardedRouter(tags=["DICOMweb: retrieval"])
_PATH = f"{ROOT}/studies/{{study}}/series/{{series}}/instances/{{instance}}/bulkdata/{{at:path}}"
_PLACE: Final = re.compile(r"[0-9A-Fa-f]{8}(/[1-9]\d{0,5}/[0-9A-Fa-f]{8}){0,8}")
_PIXELS: Final = "7FE00010"
_PDF: Final = "application/pdf"
_DOCUMENT: Final = "00420011"
_LONGEST_SEQUENCE: Final = 1 << 20


@router.call(_PATH, roles=(AccountRole.RADIOLOGIST,))
def bulkdata(request: Request, shelf: InstanceShelf, at: str) -> Response:
    """Retrieve one long value; of pixels, all frames uncompressed."""
    if not _PLACE.fullmatch(at):
        message = "not the place of a value"
        raise bad_request(message)
    place = at.upper()
    offered = (_PDF, BYTES) if place == _DOCUMENT else (BYTES,)
    stored = shelf.with_pixels[0] if place == _PIXELS else shelf.one
    for one in wanted_of(request):
        media_type = next((offer for offer in reversed(offered) if one.takes(offer)), None)
        if media_type is None:
            continue
        with told_of_files():
            content = _content(stored.path, place)
        if one.multipart or one.media_type == "*/*":
            return related([Part(media_type, content)], media_type)
        return Response(content, media_type=media_type)
    message = f"values are given as {' or '.join(offered)}"
    raise not_acceptable(message)


def _content(path: Path, place: str) -> bytes:
    if place == _PIXELS:
        return b"".join(plain_pixels(path).frames)
    return value_bytes(read_header(path), place)


def value_bytes(header: Dataset, place: str) -> bytes:
    """Give the encoded value of an element.

    Parameters
    ----------
    header
        A data set.
    place
        Tags and item numbers that lead to it, such as `00283010/1/00283006`.

    Raises
    ------
    starlette.exceptions.HTTPException
        404, if there is no such element, or it is a sequence.
    UnreadableObjectError
        If a sequence on the way cannot be read.
    """
    *way, last = place.split("/")
    dataset = header
    for tag, number in zip(way[::2], way[1::2], strict=True):
        dataset = _item(dataset, int(tag, 16), int(number))
    raw: Any = dataset.get_item(int(last, 16)) if int(last, 16) in dataset else None
    value = getattr(raw, "value", None)
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes) or getattr(raw, "VR", "") == "SQ":
        message = "there is no such value"
        raise not_found(message)
    return value


def _item(dataset: Dataset, tag: int, number: int) -> Dataset:
    raw: Any = dataset.get_item(tag) if tag in dataset else None
    if raw is None or len(getattr(raw, "value", None) or b"") > _LONGEST_SEQUENCE:
        message = "there is no such value"
        raise not_found(message)
    try:
        items = dataset[tag].value
        return _dataset(items[number - 1])
    except (IndexError, TypeError) as error:
        message = "there is no such value"
        raise not_found(message) from error
    except MemoryError:
        raise
    except Exception as error:
        message = f"a sequence cannot be read ({type(error).__name__})"
        raise UnreadableObjectError(message) from error


def _dataset(item: Any) -> Dataset:
    if not isinstance(item, Dataset):
        raise TypeError
    return item
