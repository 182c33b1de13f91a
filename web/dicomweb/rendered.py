"""WADO-RS: rendered pictures, thumbnails, and pages of documents (PS3.18 section 10.4.1.1.3)."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from fastapi import Request
from pydicom import uid
from starlette.responses import Response

from core.accounts import AccountRole
from db.stored_objects import StoredObject
from imaging.decode import DEFAULT_MAXIMUM_PIXELS
from imaging.header import read_header
from imaging.layout import Layout
from web.access.guard import GuardedRouter
from web.dicomweb.accept import wanted_of
from web.dicomweb.address import ROOT
from web.dicomweb.bulkdata import value_bytes
from web.dicomweb.documents import document_of, of_each, told_of_files
from web.dicomweb.frames import check_frames, frame_numbers
from web.dicomweb.multipart import Part, related
from web.dicomweb.pictures import JPEG, PNG, rendered
from web.dicomweb.refusals import not_acceptable
from web.dicomweb.shelf import InstanceShelf, SeriesShelf, Shelf, StudyShelf
from web.dicomweb.view_wishes import Viewport, ViewWishes, view_wishes

router = GuardedRouter(tags=["DICOMweb: pictures"])
_ROLES = (AccountRole.RADIOLOGIST,)
_STUDY = f"{ROOT}/studies/{{study}}"
_SERIES = f"{_STUDY}/series/{{series}}"
_INSTANCE = f"{_SERIES}/instances/{{instance}}"
_FRAMES = f"{_INSTANCE}/frames/{{frames}}"
_PDF: Final = "application/pdf"
_ROWS: Final = "00280010"
_THUMBNAIL: Final = ViewWishes(viewport=Viewport(128, 128))
_MOST_PICTURES: Final = 1000
"""Of one answer; as many frames as an address can name."""

Page = tuple[StoredObject, int]
"""An object, and the number of a frame."""


@router.call(f"{_STUDY}/rendered", roles=_ROLES)
def study_rendered(request: Request, shelf: StudyShelf) -> Response:
    """Retrieve pictures of all objects of a study."""
    return _pictures(request, _pages(shelf), view_wishes(request.query_params))


@router.call(f"{_SERIES}/rendered", roles=_ROLES)
def series_rendered(request: Request, shelf: SeriesShelf) -> Response:
    """Retrieve pictures of all objects of a series."""
    return _pictures(request, _pages(shelf), view_wishes(request.query_params))


@router.call(f"{_INSTANCE}/rendered", roles=_ROLES)
def instance_rendered(request: Request, shelf: InstanceShelf) -> Response:
    """Retrieve the picture of an object, or the page of a document."""
    if shelf.one.sop_class_uid == uid.EncapsulatedPDFStorage:
        return _document(request, shelf.one)
    return _pictures(request, _pages(shelf), view_wishes(request.query_params))


@router.call(f"{_FRAMES}/rendered", roles=_ROLES)
def frames_rendered(request: Request, shelf: InstanceShelf, frames: str) -> Response:
    """Retrieve pictures of frames by their numbers, beginning with 1."""
    return _pictures(request, _numbered(shelf, frames), view_wishes(request.query_params))


@router.call(f"{_STUDY}/thumbnail", roles=_ROLES)
def study_thumbnail(request: Request, shelf: StudyShelf) -> Response:
    """Retrieve a small picture of the study's first object that has one."""
    return _pictures(request, _pages(shelf)[:1], _THUMBNAIL)


@router.call(f"{_SERIES}/thumbnail", roles=_ROLES)
def series_thumbnail(request: Request, shelf: SeriesShelf) -> Response:
    """Retrieve a small picture of the series' first object that has one."""
    return _pictures(request, _pages(shelf)[:1], _THUMBNAIL)


@router.call(f"{_INSTANCE}/thumbnail", roles=_ROLES)
def instance_thumbnail(request: Request, shelf: InstanceShelf) -> Response:
    """Retrieve a small picture of an object."""
    return _pictures(request, _pages(shelf)[:1], _THUMBNAIL)


@router.call(f"{_FRAMES}/thumbnail", roles=_ROLES)
def frames_thumbnail(request: Request, shelf: InstanceShelf, frames: str) -> Response:
    """Retrieve a small picture of the first of some frames."""
    return _pictures(request, _numbered(shelf, frames)[:1], _THUMBNAIL)


def _pages(shelf: Shelf) -> list[Page]:
    """Give every frame of every object that has pixels, and not many more than an answer holds.

    Raises
    ------
    starlette.exceptions.HTTPException
        406, if there is none; 410, if retention removed them.
    """
    with told_of_files():
        found = of_each(shelf.with_pixels, _pages_of)
    pages = list(islice(chain.from_iterable(found), _MOST_PICTURES + 1))
    if not pages:
        message = "there is no picture in it; ask for the object itself"
        raise not_acceptable(message)
    return pages


def _pages_of(stored: StoredObject) -> Iterator[Page]:
    """Give the frames that a header announces, one by one: it may announce any number of them."""
    if _ROWS not in document_of(stored.path):
        return iter(())
    layout = Layout.of(read_header(stored.path))
    layout.check_limit(DEFAULT_MAXIMUM_PIXELS)
    return ((stored, number + 1) for number in range(layout.frames))


def _numbered(shelf: Shelf, frames: str) -> list[Page]:
    numbers = frame_numbers(frames)
    (stored,) = shelf.with_pixels
    with told_of_files():
        check_frames(numbers, Layout.of(read_header(stored.path)))
    return [(stored, number) for number in numbers]


def _pictures(request: Request, pages: Sequence[Page], wishes: ViewWishes) -> Response:
    """Answer with one picture, or with several where the client takes a multipart message.

    Raises
    ------
    starlette.exceptions.HTTPException
        406, if there are too many of them, or the client takes none of their forms.
    """
    if len(pages) > _MOST_PICTURES:
        message = f"more than {_MOST_PICTURES} pictures; ask for frames by their numbers"
        raise not_acceptable(message)
    for one in wanted_of(request):
        media_type = next((offer for offer in (JPEG, PNG) if one.takes(offer)), None)
        if media_type is None or (len(pages) > 1 and not one.multipart and one.media_type != "*/*"):
            continue
        if one.multipart or len(pages) > 1:
            response: Response = related(_parts(pages, wishes, media_type), media_type)
        else:
            stored, frame = pages[0]
            with told_of_files():
                content = rendered(stored.path, frame, wishes, media_type)
            response = Response(content, media_type=media_type)
        for name in wishes.not_done:
            response.headers.append("warning", f'299 FirstRead: "{name} has no effect"')
        return response
    message = f"pictures are given as {JPEG} or {PNG}, several of them as multipart/related"
    raise not_acceptable(message)


def _parts(pages: Sequence[Page], wishes: ViewWishes, media_type: str) -> Iterator[Part]:
    for stored, frame in pages:
        yield Part(media_type, rendered(stored.path, frame, wishes, media_type))


def _document(request: Request, stored: StoredObject) -> Response:
    if not any(one.takes(_PDF) and not one.multipart for one in wanted_of(request)):
        message = f"this document is given as {_PDF}"
        raise not_acceptable(message)
    with told_of_files():
        content = value_bytes(read_header(stored.path), "00420011")
    # Anybody may have sent it: a browser keeps it, and opens nothing of it among our pages.
    response = Response(content, media_type=_PDF)
    response.headers["content-disposition"] = "attachment"
    return response
