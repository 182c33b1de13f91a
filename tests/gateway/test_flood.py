"""More callers than there is room for, and slow ones: others are served, and all of it passes.

Covered: thousands of connections that say nothing, nonsense, or ask as strangers; the bound on
threads; those that send by drops or stop in the middle. Not covered: single hostile PDUs
(test_bad_clients, test_receive), and handshakes that fail (test_tls_door).
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.door import PLACES
from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import film
from tests.gateway.wire import COMMAND, LAST, connection_of, context_of, item, pdata, store_command
from tests.waiting import wait_until

_MANY, _THOUSANDS = 400, 5_000
_OPEN_AT_ONCE = 300
_FEW_DROPS = 40
"""Drops fall ten in a second, and six are all that the network time-out lets through."""
_SPARE_THREADS = 12
"""Of associations that are negotiated, and of the test itself."""


@contextlib.contextmanager
def flood(port: int, said: bytes, most: int) -> Iterator[list[int]]:
    """Connect so often, from a thread, saying something; gives how often it did so far."""
    done, count = threading.Event(), [0]

    def pour() -> None:
        with contextlib.ExitStack() as opened:
            pending: list[socket.socket] = []
            while not done.is_set() and count[0] < most:
                with contextlib.suppress(OSError):  # hung up on
                    pending.append(
                        opened.enter_context(
                            socket.create_connection(("127.0.0.1", port), timeout=10)
                        )
                    )
                    pending[-1].sendall(said)
                count[0] += 1
                if len(pending) > _OPEN_AT_ONCE:
                    pending.pop(0).close()
            done.wait(60.0)

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        yield count
    finally:
        done.set()
        thread.join()


def _request(calling: bytes) -> bytes:
    """Encode an A-ASSOCIATE-RQ for Verification (PS3.8 section 9.3.2)."""

    def part(kind: int, body: bytes) -> bytes:
        return struct.pack(">BBH", kind, 0, len(body)) + body

    context = (
        b"\x01\x00\x00\x00" + part(0x30, b"1.2.840.10008.1.1") + part(0x40, b"1.2.840.10008.1.2")
    )
    user = part(0x50, part(0x51, struct.pack(">L", 16384)) + part(0x52, b"1.2.3"))
    body = (
        b"\x00\x01\x00\x00"
        + b"FIRSTREAD".ljust(16)
        + calling.ljust(16)
        + b"\x00" * 32
        + part(0x10, b"1.2.840.10008.3.1.1.1")
        + part(0x20, context)
        + user
    )
    return struct.pack(">BBL", 1, 0, len(body)) + body


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"\x01\x00\x00\x00", id="begun", marks=pytest.mark.slow),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="http", marks=pytest.mark.slow),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", id="tls"),
    ],
)
@pytest.mark.parametrize("connections", [_MANY, pytest.param(_THOUSANDS, marks=pytest.mark.slow)])
def test_a_flood_holds_up_nobody_else(edge: Edge, said: bytes, connections: int) -> None:
    before = threading.active_count()
    most = 0
    with flood(edge.port, said, connections) as count:
        wait_until(lambda: count[0] > PLACES, 30.0, "the flood to fill every place")
        while count[0] < connections:
            assert store(edge.port, film())[0] == StoreStatus.SUCCESS
            most = max(most, threading.active_count())
    assert most - before <= PLACES + _SPARE_THREADS
    wait_until(lambda: threading.active_count() <= before + 1, 20.0, "the threads to end")
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS


def test_a_flood_of_strangers_who_ask_takes_no_more_than_its_places(edge: Edge) -> None:
    before = threading.active_count()
    with flood(edge.port, _request(b"STRANGER"), _MANY) as count:
        wait_until(lambda: count[0] > PLACES, 60.0, "the flood to fill every place")
        stored = 0
        while count[0] < _MANY and stored < 5:
            with association(edge.port) as opened:
                if opened.is_established:  # else it is told to come again later
                    assert opened.send_c_store(film()).Status == StoreStatus.SUCCESS
                    stored += 1
            assert threading.active_count() - before <= PLACES + 2 * _SPARE_THREADS
    assert stored
    wait_until(lambda: threading.active_count() <= before + 1, 30.0, "the threads to end")
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS


def test_associations_beyond_the_limit_are_told_to_come_again(tmp_path: Path) -> None:
    with open_edge(tmp_path, maximum_associations=2) as edge, contextlib.ExitStack() as opened:
        held = [opened.enter_context(association(edge.port)) for _ in range(2)]
        assert all(one.is_established for one in held)
        with association(edge.port) as third:
            assert third.is_rejected
            answer = third.acceptor.primitive
            assert answer is not None
            assert (answer.result, answer.result_source, answer.diagnostic) == (2, 3, 2)
        held[0].release()
        assert store(edge.port, film())[0] == StoreStatus.SUCCESS


@pytest.mark.parametrize("stage", ["request", "transfer"])
def test_a_client_that_sends_by_drops_is_ended(tmp_path: Path, stage: str) -> None:
    pause = threading.Event()
    with open_edge(tmp_path, network_timeout=0.6) as edge, contextlib.ExitStack() as opened:
        if stage == "request":
            client = opened.enter_context(socket.create_connection(("127.0.0.1", edge.port), 10))
            drops = _request(b"DCMTK")
        else:
            held = opened.enter_context(association(edge.port))
            client = connection_of(held)
            begun = pdata(item(context_of(held), COMMAND | LAST, store_command()))
            client.sendall(begun)
            drops = pdata(item(context_of(held), 0, b"\x08\x00" * 500))
        sent = 0
        with contextlib.suppress(OSError):  # hung up on
            for drop in drops:
                # Each comes well within the time-out; the whole never does.
                client.sendall(bytes((drop,)))
                sent += 1
                pause.wait(0.1)
        assert sent < _FEW_DROPS
        wait_until(lambda: not edge.leftovers(), 10.0, "what it sent to be removed")
        assert edge.instances() == []


def test_a_client_that_vanishes_in_the_middle_is_ended(tmp_path: Path) -> None:
    with open_edge(tmp_path, network_timeout=0.6) as edge, association(edge.port) as opened:
        context = context_of(opened)
        connection_of(opened).sendall(
            pdata(item(context, COMMAND | LAST, store_command()))
            + pdata(item(context, 0, b"\x08\x00" * 500))
        )
        wait_until(edge.leftovers, 10.0, "the first fragment to arrive")
        wait_until(lambda: not edge.leftovers(), 10.0, "the silent one to be ended")
        wait_until(lambda: not opened.is_established, 10.0, "the association to be ended")
        assert edge.instances() == []
