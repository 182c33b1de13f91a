"""PDUs by hand, for what no toolkit would send."""

import socket
import struct
from collections.abc import Sequence

from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from tests.gateway.objects import CR
from tests.waiting import wait_until

COMMAND, LAST = 0b01, 0b10
"""Bits of a message control header (PS3.8 section E.2)."""
INSTANCE = "1.2.3.4"


def connection_of(opened: Association) -> socket.socket:
    """Give the connection of an association that a test opened."""
    assert opened.dul.socket is not None
    assert opened.dul.socket.socket is not None
    return opened.dul.socket.socket


def context_of(opened: Association) -> int:
    """Give the id of its first context."""
    context = opened.accepted_contexts[0].context_id
    assert context is not None
    return context


def store_command(*, data_set: bool = True, sop_class: str = CR, uid: str = INSTANCE) -> bytes:
    """Encode a C-STORE-RQ command (PS3.7 section 9.3.1.1), implicit VR little endian."""
    body = b"".join(
        (
            _element(0x0002, _uid(sop_class)),
            _element(0x0100, struct.pack("<H", 1)),
            _element(0x0110, struct.pack("<H", 7)),
            _element(0x0700, struct.pack("<H", 0)),
            _element(0x0800, struct.pack("<H", 0 if data_set else 0x0101)),
            _element(0x1000, _uid(uid)),
        )
    )
    return _element(0, struct.pack("<L", len(body))) + body


def item(context: int, control: int, data: bytes) -> bytes:
    """Encode one presentation data value item (PS3.8 section 9.3.5.1)."""
    return struct.pack(">LBB", len(data) + 2, context, control) + data


def pdata(*items: bytes) -> bytes:
    """Encode one P-DATA-TF PDU (PS3.8 section 9.3.5)."""
    return pdu(4, b"".join(items))


def pdu(kind: int, body: bytes, *, length: int | None = None) -> bytes:
    """Encode a PDU, which may lie about its length."""
    return struct.pack(">BBL", kind, 0, len(body) if length is None else length) + body


def split(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Cut bytes into parts of these sizes, again and again; a size of 0 is an empty part."""
    assert any(sizes)
    parts, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        parts.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return parts


def answer_to(opened: Association, sent: bytes) -> C_STORE:
    """Send bytes over an association, and give the answer that comes."""
    opened._reactor_checkpoint.clear()  # it would take the answer away
    try:
        connection_of(opened).sendall(sent)
        wait_until(lambda: opened.dimse.peek_msg()[1] is not None, 10.0, "an answer")
        _context, answer = opened.dimse.get_msg()
    finally:
        opened._reactor_checkpoint.set()
    assert isinstance(answer, C_STORE)
    return answer


def _element(element: int, value: bytes) -> bytes:
    return struct.pack("<HHL", 0, element, len(value)) + value


def _uid(uid: str) -> bytes:
    return uid.encode() + b"\x00" * (len(uid) % 2)
