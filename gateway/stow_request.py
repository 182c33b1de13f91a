"""One store request: its headers checked, its body read part by part, each part taken in."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from python_multipart.multipart import parse_options_header

from core.errors import UnreadableObjectError
from core.uids import is_uid
from db.spool import Spool
from gateway.callers import Caller
from gateway.contexts import TRANSFER_SYNTAXES
from gateway.headers import text
from gateway.statuses import StoreStatus
from gateway.store import Answer, Receiver, StoreRequest
from gateway.stow_answer import Outcome
from gateway.stow_body import (
    LONGEST_BOUNDARY,
    BodyLimits,
    BodyReader,
    Part,
    TooLargeBodyError,
)
from imaging.header import read_header

DICOM: Final = "application/dicom"
DICOM_JSON: Final = "application/dicom+json"
_NOT_TAKEN: Final = re.compile(r"q\s*=\s*0(\.0{0,3})?")
_RANGES: Final = (DICOM_JSON, "application/json", "application/*", "*/*")
"""What covers the answer, the most telling first (RFC 9110 section 12.5.1)."""
MOST_JUNK: Final = 100
"""Parts of one request that are no objects; most of them are kept aside, each as a file."""
_JUNK: Final = frozenset({StoreStatus.NOT_UNDERSTOOD, StoreStatus.BAD_IDENTIFIER})


class RefusedRequestError(Exception):
    """A request that is refused before its body is read.

    Parameters
    ----------
    status
        What it is answered with.
    message
        Why, in words.
    """

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def boundary_of(content_type: str) -> bytes:
    """Give the boundary of a body of DICOM objects.

    Raises
    ------
    RefusedRequestError
        415 where it is another kind of body, 400 where there is no usable boundary.
    """
    kind, options = parse_options_header(content_type)
    inner = options.get(b"type", DICOM.encode()).lower()
    if kind != b"multipart/related" or inner != DICOM.encode():
        message = f'a body is multipart/related; type="{DICOM}"'
        raise RefusedRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        message = f"a boundary has 1 to {LONGEST_BOUNDARY} characters"
        raise RefusedRequestError(HTTPStatus.BAD_REQUEST, message)
    return boundary


def check_accept(accept: str) -> None:
    """Make sure that the client takes JSON; none said is anything.

    Raises
    ------
    RefusedRequestError
        406 where it does not: XML is not offered.
    """
    if not accept.strip():
        return
    taken = dict(map(_range, accept.split(",")))
    if not next((taken[one] for one in _RANGES if one in taken), False):
        message = f"the answer is {DICOM_JSON}"
        raise RefusedRequestError(HTTPStatus.NOT_ACCEPTABLE, message)


def _range(text: str) -> tuple[str, bool]:
    """Give a media range, and whether it is taken: q=0 says that it is not."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    return name, not any(_NOT_TAKEN.fullmatch(one) for one in parameters)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and where to.

    Parameters
    ----------
    caller
        What it may do.
    called_ae
        Our AE title that its objects are noted under.
    study_uid
        The study that the request is for; "" for any.
    """

    caller: Caller
    called_ae: str
    study_uid: str


class StoreBody:
    """Reads the body of one request, and takes in each part as soon as it is whole.

    Parameters
    ----------
    boundary
        Of the body.
    spool
        Where parts are written.
    limits
        How much there may be.
    receiver
        Takes the objects in.
    sender
        Who sends.
    """

    def __init__(
        self,
        boundary: bytes,
        spool: Spool,
        limits: BodyLimits,
        *,
        receiver: Receiver,
        sender: Sender,
    ) -> None:
        self._receiver = receiver
        self._sender = sender
        self.reader = BodyReader(boundary, spool, limits, self._take)
        self.outcomes: list[Outcome] = []
        """What became of each part so far."""
        self._junk = 0

    def _take(self, part: Part) -> None:
        outcome = self._outcome(part)
        self.outcomes.append(outcome)
        self._junk += outcome.answer.status in _JUNK
        if self._junk > MOST_JUNK:
            message = f"more than {MOST_JUNK} parts are no objects"
            raise TooLargeBodyError(message)

    def _outcome(self, part: Part) -> Outcome:
        kind, _ = parse_options_header(part.content_type)
        # A part that names no type has that of the whole body, which was looked at.
        if kind not in {b"", DICOM.encode()}:
            words = "a part is not application/dicom"
            return Outcome("", "", Answer(StoreStatus.NOT_UNDERSTOOD, words))
        if part.too_large:
            refusal = Answer(StoreStatus.OUT_OF_RESOURCES, "the object is too large")
            return Outcome("", "", refusal, too_large=True)
        return self._told(part) if part.incoming.error is None else self._answered(part, "", "")

    def _told(self, part: Part) -> Outcome:
        """Look at what the request itself says of its objects, then take this one in."""
        try:
            header = read_header(part.incoming.path)
        except (UnreadableObjectError, OSError):
            return self._answered(part, "", "")  # the receiver says why, and keeps it aside
        sop_class, sop_instance = (
            text(header, keyword) for keyword in ("SOPClassUID", "SOPInstanceUID")
        )
        if not (is_uid(sop_class) and is_uid(sop_instance)):
            return self._answered(part, "", "")
        if self._sender.study_uid not in {"", text(header, "StudyInstanceUID")}:
            refusal = Answer(StoreStatus.OTHER_STUDY, "of another study than the request")
            return Outcome(sop_class, sop_instance, refusal)
        if str(header.file_meta.TransferSyntaxUID) not in TRANSFER_SYNTAXES:
            refusal = Answer(StoreStatus.SYNTAX_NOT_SUPPORTED, "transfer syntax not supported")
            return Outcome(sop_class, sop_instance, refusal)
        return self._answered(part, sop_class, sop_instance)

    def _answered(self, part: Part, sop_class: str, sop_instance: str) -> Outcome:
        request = StoreRequest(part.incoming, self._sender.caller, self._sender.called_ae)
        return Outcome(sop_class, sop_instance, self._receiver.answer(request))
