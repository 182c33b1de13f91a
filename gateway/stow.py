"""The HTTP door: STOW-RS (PS3.18 section 10.5) as a Starlette application.

It does what the DICOM listener does, by the same receiver, with the same durability: an object is
in the answer's Referenced SOP Sequence once it is durable and committed.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import DatabaseAwayError, StorageFullError
from core.settings import Settings
from core.uids import is_uid
from db.spool import Spool
from gateway.callers import Caller, Callers
from gateway.store import Receiver
from gateway.stow_answer import http_status, response_module
from gateway.stow_body import BodyLimits, MalformedBodyError, TooLargeBodyError
from gateway.stow_paths import PlainPaths
from gateway.stow_request import (
    DICOM_JSON,
    RefusedRequestError,
    Sender,
    StoreBody,
    boundary_of,
    check_accept,
)
from gateway.stow_senders import Senders

_log = structlog.get_logger()
MOST_PARTS: Final = 5_000
_PIECE: Final = 1 << 20
"""Bytes that are gathered before a thread writes them."""
_LONGEST_SECONDS: Final = 3600.0
"""Of one request, however busy its client is."""
_RETRY_AFTER_SECONDS: Final = 30


class StowDoor:
    """Answers store requests.

    Parameters
    ----------
    settings
        The whole tree.
    spool
        Where parts are written.
    receiver
        Takes objects in.
    callers
        What each sender may do.
    senders
        Who may send.
    """

    def __init__(
        self,
        settings: Settings,
        spool: Spool,
        *,
        receiver: Receiver,
        callers: Callers,
        senders: Senders,
    ) -> None:
        self._settings = settings.dicomweb
        self._called_ae = settings.gateway.ae_title
        self._spool = spool
        self._receiver = receiver
        self._callers = callers
        self._senders = senders
        self._limits = BodyLimits(
            MOST_PARTS,
            settings.dicomweb.maximum_object_bytes,
            settings.dicomweb.maximum_request_bytes,
        )

    def application(self) -> Starlette:
        """Give the ASGI application."""
        return Starlette(
            routes=[
                Route("/dicom-web/studies", self._store, methods=["POST"]),
                Route("/dicom-web/studies/{study}", self._store, methods=["POST"]),
            ],
            middleware=[Middleware(PlainPaths)],
        )

    async def _store(self, request: Request) -> Response:
        try:
            sender = await run_in_threadpool(self._sender, request)
            boundary = self._checked(request)
        except RefusedRequestError as error:
            _log.warning("http_store_refused", status=int(error.status), reason=str(error))
            return _plain(error.status, str(error))
        body = StoreBody(
            boundary, self._spool, self._limits, receiver=self._receiver, sender=sender
        )
        try:
            with body.reader:
                fault = await self._read(request, body)
        except ClientDisconnect:
            _log.warning("http_store_broke_off", calling_ae=sender.caller.ae_title)
            return _plain(HTTPStatus.BAD_REQUEST, "the client is gone")
        except Exception as error:  # noqa: BLE001 - a traceback could hold values of the objects
            _log.error("http_store_crashed", error=type(error).__name__)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        status = http_status(body.outcomes, fault)
        _log.info(
            "http_store_answered",
            calling_ae=sender.caller.ae_title,
            status=int(status),
            stored=sum(outcome.stored for outcome in body.outcomes),
            parts=len(body.outcomes),
        )
        return Response(
            response_module(body.outcomes, fault),
            status,
            _headers(status),
            media_type=DICOM_JSON,
        )

    def _sender(self, request: Request) -> Sender:
        """Say who sends and may; asks the database, so it runs in a thread.

        Raises
        ------
        RefusedRequestError
            401, 403, 400 or 503.
        """
        title = self._senders.who(request.headers.get("authorization", ""))
        if title is None:
            raise RefusedRequestError(HTTPStatus.UNAUTHORIZED, "a token is needed")
        study_uid = request.path_params.get("study", "")
        if study_uid and not is_uid(study_uid):
            raise RefusedRequestError(HTTPStatus.BAD_REQUEST, "the study is no UID")
        caller = self._caller(title)
        if caller is None or not caller.sends:
            message = f"{title} is not set to send films"
            raise RefusedRequestError(HTTPStatus.FORBIDDEN, message)
        return Sender(caller, self._called_ae, study_uid)

    def _caller(self, title: str) -> Caller | None:
        try:
            self._spool.check_room()
            return self._callers.find(title)
        except (DatabaseAwayError, StorageFullError, OSError) as error:
            message = "the disk passed its mark, or the database is away"
            raise RefusedRequestError(HTTPStatus.SERVICE_UNAVAILABLE, message) from error

    def _checked(self, request: Request) -> bytes:
        """Look at the headers, and give the body's boundary."""
        check_accept(",".join(request.headers.getlist("accept")))
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            message = "bodies are not compressed; objects may be"
            raise RefusedRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._limits.body_bytes:
            message = f"a request has at most {self._limits.body_bytes} bytes"
            raise RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
        return boundary_of(request.headers.get("content-type", ""))

    async def _read(self, request: Request, body: StoreBody) -> HTTPStatus | None:
        """Read the body to its end; what is wrong with it, None where nothing is."""
        try:
            async for piece in self._pieces(request):
                await run_in_threadpool(body.reader.feed, piece)
            body.reader.finish()
        except MalformedBodyError:
            return HTTPStatus.BAD_REQUEST
        except TooLargeBodyError:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        return None

    async def _pieces(self, request: Request) -> AsyncIterator[bytes]:
        """Gather the body's small pieces into larger ones.

        Raises
        ------
        TimeoutError
            If the client falls silent, or is endlessly busy.
        """
        deadline = time.monotonic() + _LONGEST_SECONDS
        gathered = bytearray()
        stream = request.stream()
        while time.monotonic() < deadline:
            try:
                piece = await asyncio.wait_for(anext(stream), self._settings.idle_seconds)
            except StopAsyncIteration:
                if gathered:
                    yield bytes(gathered)
                return
            gathered += piece
            if len(gathered) >= _PIECE:
                yield bytes(gathered)
                gathered.clear()
        raise TimeoutError


def _plain(status: HTTPStatus, message: str) -> Response:
    return Response(f"{message}\n", status, _headers(status), media_type="text/plain")


def _headers(status: HTTPStatus) -> dict[str, str]:
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {}
