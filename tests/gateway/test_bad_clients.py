"""Clients that abort, stall, come in too great a number or send nonsense.

Covered: each ends itself and nothing else, leaves no file, and the listener goes on. Not covered:
what a well-behaved client is answered (test_listener), and floods of connections.
"""

import socket
import struct
from pathlib import Path

import pytest
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import CR, film
from tests.waiting import wait_until


def test_an_aborted_transfer_leaves_nothing(edge: Edge) -> None:
    with association(edge.port) as opened:
        context = opened.accepted_contexts[0].context_id
        assert context is not None
        _send_part_of_a_store(_connection(opened), context)
        wait_until(edge.leftovers, 10.0, "the first fragment to arrive")
        opened.abort()
    wait_until(lambda: not edge.leftovers(), 10.0, "the fragment to be removed")
    assert edge.instances() == []


def test_a_store_without_a_data_set_is_answered(edge: Edge) -> None:
    with association(edge.port) as opened:
        context = opened.accepted_contexts[0].context_id
        assert context is not None
        opened._reactor_checkpoint.clear()  # it would take the answer away
        _connection(opened).sendall(_pdata(context, 0x03, _command(no_data_set=True)))
        wait_until(lambda: opened.dimse.peek_msg()[1] is not None, 10.0, "an answer")
        _context, answer = opened.dimse.get_msg()
        opened._reactor_checkpoint.set()
    assert isinstance(answer, C_STORE)
    assert answer.Status == StoreStatus.NOT_UNDERSTOOD


def test_more_associations_than_allowed_wait(tmp_path: Path) -> None:
    with (
        open_edge(tmp_path, maximum_associations=1) as edge,
        association(edge.port) as first,
    ):
        assert first.is_established
        with association(edge.port) as second:
            assert second.is_rejected


def test_a_client_that_says_nothing_is_ended(tmp_path: Path) -> None:
    with (
        open_edge(tmp_path, network_timeout=0.5) as edge,
        socket.create_connection(("127.0.0.1", edge.port), timeout=10) as client,
    ):
        assert client.recv(64) == b""


def test_a_client_that_stops_within_a_pdu_is_ended(tmp_path: Path) -> None:
    with (
        open_edge(tmp_path, network_timeout=0.5) as edge,
        socket.create_connection(("127.0.0.1", edge.port), timeout=10) as client,
    ):
        client.sendall(struct.pack(">BBL", 1, 0, 200) + b"\x00" * 20)
        while client.recv(64):
            pass


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">BBL", 1, 0, 0xFFFFFFFF) + b"\x00" * 4096,
        struct.pack(">BBL", 1, 0, 10) + b"\xff" * 10,
        struct.pack(">BBL", 7, 0, 4) + b"\x00" * 4,
        struct.pack(">BBL", 4, 0, 16) + b"\x41" * 16,
    ],
    ids=["nothing", "http", "huge", "garbage", "abort", "data-first"],
)
def test_hostile_bytes_end_nothing_but_themselves(edge: Edge, hostile: bytes) -> None:
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as client:
        client.sendall(hostile)
    with socket.create_connection(("127.0.0.1", edge.port), timeout=30) as client:
        client.sendall(hostile)
        client.shutdown(socket.SHUT_WR)
        while client.recv(4096):
            pass
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS


def _connection(opened: Association) -> socket.socket:
    assert opened.dul.socket is not None
    assert opened.dul.socket.socket is not None
    return opened.dul.socket.socket


def _element(group: int, element: int, value: bytes) -> bytes:
    return struct.pack("<HHL", group, element, len(value)) + value


def _command(*, no_data_set: bool = False) -> bytes:
    """Encode a C-STORE-RQ command (PS3.7 section 9.3.1.1), implicit VR little endian."""
    body = b"".join(
        (
            _element(0, 0x0002, CR.encode() + b"\x00" * (len(CR) % 2)),
            _element(0, 0x0100, struct.pack("<H", 1)),
            _element(0, 0x0110, struct.pack("<H", 7)),
            _element(0, 0x0700, struct.pack("<H", 0)),
            _element(0, 0x0800, struct.pack("<H", 0x0101 if no_data_set else 0)),
            _element(0, 0x1000, b"1.2.3.4\x00"),
        )
    )
    return _element(0, 0, struct.pack("<L", len(body))) + body


def _pdata(context: int, control: int, data: bytes) -> bytes:
    """Encode one P-DATA-TF PDU with one fragment (PS3.8 section 9.3.5)."""
    fragment = struct.pack(">LBB", len(data) + 2, context, control) + data
    return struct.pack(">BBL", 4, 0, len(fragment)) + fragment


def _send_part_of_a_store(connection: socket.socket, context: int) -> None:
    connection.sendall(_pdata(context, 0x03, _command()) + _pdata(context, 0x00, b"\x08\x00" * 100))
