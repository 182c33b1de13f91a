"""Takes an answer of several parts apart."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

import httpx2


@dataclass(frozen=True)
class Piece:
    """One part: its media type with parameters, its location, its bytes."""

    media_type: str
    location: str
    content: bytes


def pieces(answer: httpx2.Response) -> list[Piece]:
    """Give the parts of a multipart/related answer."""
    kind = answer.headers["content-type"]
    assert kind.startswith("multipart/related; type="), kind
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + answer.content)
    boundary = f"\r\n--{whole.get_boundary()}".encode()
    *parts, end = (b"\r\n" + answer.content).split(boundary)[1:]
    assert end == b"--\r\n"
    return [_piece(part.removeprefix(b"\r\n")) for part in parts]


def _piece(part: bytes) -> Piece:
    head, _, content = part.partition(b"\r\n\r\n")
    headers: Message = message_from_bytes(head)
    return Piece(headers["Content-Type"], headers.get("Content-Location", ""), content)
