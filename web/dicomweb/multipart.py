"""Answers of several parts: multipart/related (RFC 2387, PS3.18 section 8.6.1.2)."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.responses import StreamingResponse

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Parameters
    ----------
    media_type
        With its parameters.
    content
        Its bytes, or the file that holds them.
    location
        The URL by which this part alone is retrieved; empty where there is none.
    """

    media_type: str
    content: bytes | Path
    location: str = ""


def related(
    parts: Iterable[Part], media_type: str, status: HTTPStatus = HTTPStatus.OK
) -> StreamingResponse:
    """Give an answer that is written while it is read.

    Parameters
    ----------
    parts
        Made one at a time. What they raise breaks the answer off, so that no client takes it for
        whole.
    media_type
        Of the parts, without parameters.
    status
        Of the answer.
    """
    boundary = uuid.uuid4().hex
    return StreamingResponse(
        _written(parts, boundary),
        status,
        media_type=f'{_RELATED}; type="{media_type}"; boundary={boundary}',
    )


_RELATED: Final = "multipart/related"


def _written(parts: Iterable[Part], boundary: str) -> Iterator[bytes]:
    for part in parts:
        lines = [f"--{boundary}", f"Content-Type: {part.media_type}"]
        if part.location:
            lines.append(f"Content-Location: {part.location}")
        yield "\r\n".join([*lines, "", ""]).encode()
        yield from _content(part.content)
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def _content(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
