"""What goes wrong, as an answer: a page for a person, a problem (RFC 9457) for a program."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from core.errors import (
    FileRemovedError,
    FirstReadError,
    NotReadError,
    OutOfMemoryError,
    RetriableError,
    ReviewConflictError,
    ReviewRefusedError,
    UnreadableObjectError,
    WrongArgumentError,
)
from db.chat import TooManyQuestionsError
from db.chat_films import QuestionRefusedError
from db.sign_in_attempts import TooManyAttemptsError
from db.standings import StandingConflictError
from db.triage_policies import TriageConflictError
from web.access.refusals import (
    LockedError,
    NoSuchThingError,
    NotAllowedError,
    NotSignedInError,
    RestrictedError,
)
from web.services import services

_log = structlog.get_logger()
PROBLEM: Final = "application/problem+json"
_STATUS: Final[tuple[tuple[type[FirstReadError], HTTPStatus], ...]] = (
    (NotSignedInError, HTTPStatus.UNAUTHORIZED),
    (LockedError, HTTPStatus.UNAUTHORIZED),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (TooManyAttemptsError, HTTPStatus.TOO_MANY_REQUESTS),
    (TooManyQuestionsError, HTTPStatus.TOO_MANY_REQUESTS),
    (QuestionRefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NoSuchThingError, HTTPStatus.NOT_FOUND),
    (ReviewConflictError, HTTPStatus.CONFLICT),
    (TriageConflictError, HTTPStatus.CONFLICT),
    (StandingConflictError, HTTPStatus.CONFLICT),
    (ReviewRefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (WrongArgumentError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnreadableObjectError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotReadError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (OutOfMemoryError, HTTPStatus.SERVICE_UNAVAILABLE),
    (FileRemovedError, HTTPStatus.GONE),
    (RetriableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def add_failures(application: FastAPI) -> None:
    """Have an application answer errors so."""
    application.add_exception_handler(FirstReadError, _ours)
    application.add_exception_handler(HTTPException, _http)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(Exception, _unforeseen)


def _ours(request: Request, error: Exception) -> Response:
    status = next(
        (status for kind, status in _STATUS if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    if isinstance(error, NotSignedInError | LockedError) and not _is_program(request):
        return _door(request, "/unlock" if isinstance(error, LockedError) else "/sign-in")
    if isinstance(error, RestrictedError) and not _is_program(request):
        return _glass(request, error)
    headers = None
    if isinstance(error, TooManyAttemptsError):
        headers = {"retry-after": str(error.seconds)}
    glass = {"break_glass": _glass_path(error)} if isinstance(error, RestrictedError) else {}
    return _answer(request, status, str(error), headers, **glass)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _answer(request, HTTPStatus(error.status_code), str(error.detail), error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    # Its text quotes what was sent, which may be anything.
    places = (
        {".".join(map(str, one["loc"])) for one in error.errors()}
        if isinstance(error, RequestValidationError)
        else set()
    )
    words = f"does not fit: {', '.join(sorted(places))}"
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, words)


def _unforeseen(request: Request, error: Exception) -> Response:
    _log.error("request_failed", error=type(error).__name__)
    words = "something that nobody foresaw went wrong; the log says where"
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, words)


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/dicom-web/"))


def _door(request: Request, path: str) -> Response:
    """Send a browser to where it may come in, and back afterwards.

    A page that is open stays as it is, with what was typed: its script asks to unlock on top of it.
    """
    if request.headers.get("hx-request") == "true":
        response = Response(status_code=HTTPStatus.UNAUTHORIZED)
        response.headers["hx-trigger"] = "firstread:refused"
        return response
    if request.method != "GET":
        return _answer(request, HTTPStatus.UNAUTHORIZED, "sign in first")
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{path}?next={quote(asked, safe='/')}", HTTPStatus.SEE_OTHER)


def _glass(request: Request, error: RestrictedError) -> Response:
    """Send a browser to where one says why one opens a study all the same."""
    path = _glass_path(error)
    if request.headers.get("hx-request") == "true":
        answer = Response(status_code=HTTPStatus.FORBIDDEN)
        answer.headers["hx-redirect"] = path
        return answer
    if request.method != "GET":
        return _answer(request, HTTPStatus.FORBIDDEN, str(error))
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{path}?next={quote(asked, safe='')}", HTTPStatus.SEE_OTHER)


def _glass_path(error: RestrictedError) -> str:
    return f"/studies/{quote(error.study_uid)}/break-glass"


def _answer(
    request: Request,
    status: HTTPStatus,
    words: str,
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> Response:
    if _is_program(request):
        problem = {"title": status.phrase, "status": status.value, "detail": words, **more}
        answer: Response = JSONResponse(problem, status.value, media_type=PROBLEM)
        if status is HTTPStatus.UNAUTHORIZED:
            answer.headers["www-authenticate"] = "Bearer"
    else:
        answer = services(request).renderer.page(
            request, "failure.html", status=status.value, title=status.phrase, words=words
        )
    answer.headers.update(headers or {})
    return answer
