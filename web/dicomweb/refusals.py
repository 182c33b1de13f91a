"""Why a DICOMweb request is not answered, with the HTTP status that PS3.18 gives for it."""

from http import HTTPStatus

from starlette.exceptions import HTTPException


def bad_request(words: str) -> HTTPException:
    """Give the error for a request that is malformed (PS3.18 section 8.5.1)."""
    return HTTPException(HTTPStatus.BAD_REQUEST, words)


def not_found(words: str) -> HTTPException:
    """Give the error for an object that is not here."""
    return HTTPException(HTTPStatus.NOT_FOUND, words)


def not_acceptable(words: str) -> HTTPException:
    """Give the error for a form in which the object cannot be given."""
    return HTTPException(HTTPStatus.NOT_ACCEPTABLE, words)


def gone(words: str) -> HTTPException:
    """Give the error for what was here and is not any more."""
    return HTTPException(HTTPStatus.GONE, words)
