"""WADO-RS: whole objects, as they are stored or uncompressed (PS3.18 section 10.4.1.1.1)."""

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Final

from fastapi import Request
from pydicom.uid import ExplicitVRLittleEndian
from starlette.responses import Response

from core.accounts import AccountRole
from db.stored_objects import StoredObject
from imaging.header import read_header
from web.access.guard import GuardedRouter
from web.dicomweb.accept import Wanted, wanted_of
from web.dicomweb.address import ROOT
from web.dicomweb.documents import of_each, told_of_files
from web.dicomweb.explicit import explicit_bytes
from web.dicomweb.multipart import Part, related
from web.dicomweb.refusals import not_acceptable
from web.dicomweb.shelf import InstanceShelf, SeriesShelf, Shelf, StudyShelf

router = GuardedRouter(tags=["DICOMweb: retrieval"])
_ROLES = (AccountRole.RADIOLOGIST,)
_STUDY = f"{ROOT}/studies/{{study}}"
_SERIES = f"{_STUDY}/series/{{series}}"
_INSTANCE = f"{_SERIES}/instances/{{instance}}"
DICOM: Final = "application/dicom"
_PLAIN: Final = str(ExplicitVRLittleEndian)

Maker = Callable[[], Part]
"""Makes one part when its turn comes."""


@router.call(_STUDY, roles=_ROLES)
def study(request: Request, shelf: StudyShelf) -> Response:
    """Retrieve all objects of a study."""
    return _retrieved(request, shelf)


@router.call(_SERIES, roles=_ROLES)
def series(request: Request, shelf: SeriesShelf) -> Response:
    """Retrieve all objects of a series."""
    return _retrieved(request, shelf)


@router.call(_INSTANCE, roles=_ROLES)
def instance(request: Request, shelf: InstanceShelf) -> Response:
    """Retrieve one object."""
    return _retrieved(request, shelf)


def _retrieved(request: Request, shelf: Shelf) -> Response:
    """Write the objects; 206 says that some are missing, removed by retention or damaged."""
    wanted = wanted_of(request)
    with told_of_files():
        chosen = of_each(shelf.with_pixels, lambda stored: _chosen(stored, wanted, shelf))
    missing = len(chosen) < len(shelf.objects)
    status = HTTPStatus.PARTIAL_CONTENT if missing else HTTPStatus.OK
    if len(chosen) == 1:
        # Made before the answer begins, so that what is wrong with it can still be told.
        with told_of_files():
            part = chosen[0][1]()
        if not chosen[0][0].multipart and chosen[0][0].media_type != "*/*":
            return _single(part, status)
        return related([part], DICOM, status)
    if any(not one.multipart and one.media_type != "*/*" for one, _make in chosen):
        message = "several objects are given as multipart/related only"
        raise not_acceptable(message)
    return related(_made([make for _one, make in chosen]), DICOM, status)


def _made(makers: list[Maker]) -> Iterator[Part]:
    for make in makers:
        yield make()


def _chosen(stored: StoredObject, wanted: tuple[Wanted, ...], shelf: Shelf) -> tuple[Wanted, Maker]:
    """Choose the first form that an object has and the client takes."""
    stored.path.stat()
    syntax = stored.transfer_syntax_uid or str(read_header(stored.path).file_meta.TransferSyntaxUID)
    for one in wanted:
        if not one.takes(DICOM):
            continue
        asked = one.transfer_syntax or _PLAIN
        if asked in {"*", syntax}:
            return one, partial(_as_stored, stored, syntax, shelf.location(stored))
        if asked == _PLAIN:
            return one, partial(_uncompressed, stored, shelf.location(stored))
    message = f"objects are given as {DICOM}, as they are stored or in {_PLAIN}"
    raise not_acceptable(message)


def _as_stored(stored: StoredObject, syntax: str, location: str) -> Part:
    return Part(_typed(syntax), stored.path, location)


def _uncompressed(stored: StoredObject, location: str) -> Part:
    return Part(_typed(_PLAIN), explicit_bytes(stored.path), location)


def _typed(syntax: str) -> str:
    return f"{DICOM}; transfer-syntax={syntax}"


def _single(part: Part, status: HTTPStatus) -> Response:
    content = part.content if isinstance(part.content, bytes) else part.content.read_bytes()
    return Response(content, status, media_type=part.media_type)
