"""WADO-RS: what the objects' headers say, without pixels (PS3.18 section 10.4.1.1.2)."""

import json
from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response

from core.accounts import AccountRole
from db.stored_objects import StoredObject
from web.access.guard import GuardedRouter
from web.dicomweb.accept import check_json
from web.dicomweb.address import ROOT
from web.dicomweb.documents import addressed, document_of, of_each, told_of_files
from web.dicomweb.json_model import Document
from web.dicomweb.levels import bulk_address
from web.dicomweb.shelf import InstanceShelf, SeriesShelf, Shelf, StudyShelf

router = GuardedRouter(tags=["DICOMweb: retrieval"])
_ROLES = (AccountRole.RADIOLOGIST,)
_STUDY = f"{ROOT}/studies/{{study}}"
_SERIES = f"{_STUDY}/series/{{series}}"
_PIXELS = "7FE00010"
_ROWS = "00280010"


@router.call(f"{_STUDY}/metadata", roles=_ROLES)
def study_metadata(request: Request, shelf: StudyShelf) -> Response:
    """Retrieve the headers of all objects of a study."""
    return _answer(request, shelf)


@router.call(f"{_SERIES}/metadata", roles=_ROLES)
def series_metadata(request: Request, shelf: SeriesShelf) -> Response:
    """Retrieve the headers of all objects of a series."""
    return _answer(request, shelf)


@router.call(f"{_SERIES}/instances/{{instance}}/metadata", roles=_ROLES)
def instance_metadata(request: Request, shelf: InstanceShelf) -> Response:
    """Retrieve the header of one object."""
    return _answer(request, shelf)


def _answer(request: Request, shelf: Shelf) -> Response:
    media_type = check_json(request)
    with told_of_files():
        documents = of_each(shelf.objects, lambda stored: _document(stored, shelf))
    missing = len(documents) < len(shelf.objects)
    status = HTTPStatus.PARTIAL_CONTENT if missing else HTTPStatus.OK
    return Response(json.dumps(documents, allow_nan=False), status, media_type=media_type)


def _document(stored: StoredObject, shelf: Shelf) -> Document:
    at = bulk_address(stored, shelf.address)
    document = addressed(document_of(stored.path), at)
    if _ROWS in document and not stored.pixels_removed:
        document[_PIXELS] = {"vr": "OW", "BulkDataURI": f"{at}{_PIXELS}"}
    return document
