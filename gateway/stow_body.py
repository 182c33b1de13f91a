"""Takes a multipart/related body apart while it comes in, each part straight into the spool.

Nothing of a part but its Content-Type is looked at; names and locations that a client writes into
its headers are never used. The preamble that RFC 2046 allows before the first boundary is not
understood, as no DICOM client writes one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState

from db.spool import Spool
from gateway.incoming import IncomingFile

_MOST_HEADERS: Final = 16
_LONGEST_HEADER: Final = 4096
LONGEST_BOUNDARY: Final = 200
"""RFC 2046 section 5.1.1 allows 70 characters; Orthanc's DICOMweb client 1.7 writes more."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much one request may hold.

    Parameters
    ----------
    parts
        Number of parts.
    part_bytes
        Size of each.
    body_bytes
        Size of all together.
    """

    parts: int
    part_bytes: int
    body_bytes: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part that came in whole.

    Parameters
    ----------
    content_type
        As its header says, untrusted.
    incoming
        Its file.
    too_large
        Whether it was larger than allowed; its file is then cut.
    """

    content_type: str
    incoming: IncomingFile
    too_large: bool


class MalformedBodyError(Exception):
    """The body is no multipart message, or ends before it is whole."""


class TooLargeBodyError(Exception):
    """The body is larger, or has more parts or junk, than allowed."""


class BodyReader:
    """Reads one body; a context manager that removes what is left of it.

    Parameters
    ----------
    boundary
        Of the message.
    spool
        Where parts are written.
    limits
        How much there may be.
    on_part
        Called with each part as soon as it is whole.
    """

    def __init__(
        self, boundary: bytes, spool: Spool, limits: BodyLimits, on_part: Callable[[Part], None]
    ) -> None:
        self._spool = spool
        self._limits = limits
        self._on_part = on_part
        self._bytes = 0
        self._parts = 0
        self._part_bytes = 0
        self._field = b""
        self._value = b""
        self._content_type = ""
        self._incoming: IncomingFile | None = None
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": self._header_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
            max_header_count=_MOST_HEADERS,
            max_header_size=_LONGEST_HEADER,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._incoming is not None:
            self._incoming.close()
            self._incoming = None

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body.

        Raises
        ------
        MalformedBodyError
            If it is no multipart message.
        TooLargeBodyError
            If it passes a limit.
        """
        self._bytes += len(data)
        if self._bytes > self._limits.body_bytes:
            message = f"a request has at most {self._limits.body_bytes} bytes"
            raise TooLargeBodyError(message)
        try:
            self._parser.write(data)
        except FormParserError as error:
            message = "the body is no multipart message with this boundary"
            raise MalformedBodyError(message) from error

    def finish(self) -> None:
        """Make sure that the body was whole.

        Raises
        ------
        MalformedBodyError
            If its last boundary is missing.
        """
        if self._parser.state is not MultipartState.END:
            message = "the body ends before its last boundary"
            raise MalformedBodyError(message)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > self._limits.parts:
            message = f"a request has at most {self._limits.parts} parts"
            raise TooLargeBodyError(message)
        self._part_bytes = 0
        self._content_type = ""

    def _header_begin(self) -> None:
        self._field = self._value = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._field.lower() == b"content-type":
            self._content_type = self._value.decode("latin-1")

    def _open(self) -> None:
        self._incoming = IncomingFile(self._spool.temporary())
        self._incoming.open(self._spool, b"")

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._part_bytes += end - start
        if self._incoming is not None and self._part_bytes <= self._limits.part_bytes:
            self._incoming.write(data[start:end])

    def _end(self) -> None:
        incoming, self._incoming = self._incoming, None
        if incoming is None:
            return
        try:
            incoming.finish()
            too_large = self._part_bytes > self._limits.part_bytes
            self._on_part(Part(self._content_type, incoming, too_large))
        finally:
            incoming.close()
