"""Clients that abort, stall, come in too great a number or send nonsense.

Covered: each ends itself and nothing else, leaves no file, and the listener goes on. Not covered:
what a well-behaved client is answered (test_listener), and floods of connections.
"""

import contextlib
import socket
import struct
from pathlib import Path

import pytest

from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import film
from tests.gateway.wire import (
    COMMAND,
    LAST,
    answer_to,
    connection_of,
    context_of,
    item,
    pdata,
    store_command,
)
from tests.waiting import wait_until


def test_an_aborted_transfer_leaves_nothing(edge: Edge) -> None:
    with association(edge.port) as opened:
        context = context_of(opened)
        begun = pdata(item(context, COMMAND | LAST, store_command()))
        connection_of(opened).sendall(begun + pdata(item(context, 0, b"\x08\x00" * 100)))
        wait_until(edge.leftovers, 10.0, "the first fragment to arrive")
        opened.abort()
    wait_until(lambda: not edge.leftovers(), 10.0, "the fragment to be removed")
    assert edge.instances() == []


def test_a_store_without_a_data_set_is_answered(edge: Edge) -> None:
    with association(edge.port) as opened:
        command = store_command(data_set=False)
        answer = answer_to(opened, pdata(item(context_of(opened), COMMAND | LAST, command)))
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
        with contextlib.suppress(OSError):  # it may have been hung up on already
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS
