"""Who is let in as which peer: by address, by port, by certificate, and how often at once.

Covered: what a peer's row says of its calls, over real associations on both ports, and what a
stranger is told of it. Not covered: what fails within TLS (test_tls_door.py), the resolver's cache
by itself (test_host_addresses.py), and what callers may send (test_listener.py).
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from pynetdicom.association import Association

from core.outbound import Address
from gateway.admission import Stranger
from gateway.host_addresses import HostAddresses
from gateway.scu import echo
from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film
from tests.gateway.tls_house import Papers, open_tls_edge
from tests.waiting import wait_until

HERE = ["127.0.0.0/8"]
ELSEWHERE = ["10.20.0.0/16", "fd00::/8"]


@pytest.fixture
def edge(tmp_path: Path, papers: Papers) -> Iterator[Edge]:
    with open_tls_edge(tmp_path / "edge", papers) as opened:
        yield opened


def answer(opened: Association) -> tuple[int | None, int | None, int | None]:
    """Give what a rejected caller was told."""
    assert opened.is_rejected
    told = opened.acceptor.primitive
    assert told is not None
    return told.result, told.result_source, told.diagnostic


@pytest.mark.parametrize(
    ("values", "comes_in"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "127.0.0.2"}, False),
        ({"host": "10.20.0.11"}, False),
        ({"host": "::1"}, False),
        ({"host": "host.invalid"}, False),
        ({"host": "10.20.0.11", "calling_networks": HERE}, True),
        ({"calling_networks": ELSEWHERE}, False),
        ({"calling_networks": ["127.0.0.1/32"]}, True),
        ({"calling_networks": ["127.0.0.2/32"]}, False),
    ],
)
def test_a_peer_calls_from_where_it_is(
    edge: Edge, values: dict[str, object], *, comes_in: bool
) -> None:
    add_peer(edge.db, "room1", sends_films=True, **values)
    with structlog.testing.capture_logs() as logs, association(edge.port, calling="ROOM1") as one:
        assert one.is_established is comes_in
        if not comes_in:
            with association(edge.port, calling="NOBODY") as stranger:
                assert answer(one) == answer(stranger) == (1, 1, 3)
    told = [entry["reason"] for entry in logs if entry["event"] == "association_rejected"]
    assert told == ([] if comes_in else [Stranger.ADDRESS, Stranger.TITLE])


def test_a_known_title_is_its_peers_whatever_the_settings_say_of_others(tmp_path: Path) -> None:
    with open_edge(tmp_path, allowed_ae_titles=("ROOM1",), allow_unknown_peers=True) as edge:
        assert store(edge.port, film(), calling="ROOM1")[0] == StoreStatus.SUCCESS
        add_peer(edge.db, "room1", calling_networks=ELSEWHERE)

        def turned_away() -> bool:
            with association(edge.port, calling="ROOM1") as opened:
                return opened.is_rejected

        wait_until(turned_away, 10.0, "the peer to be known")
        assert store(edge.port, film(), calling="ANYBODY")[0] == StoreStatus.SUCCESS


def test_of_two_peers_with_one_title_each_calls_from_its_own_place(edge: Edge) -> None:
    add_peer(edge.db, "far", ae_title="SHARED", host="10.20.0.11", sends_films=True)
    add_peer(edge.db, "near", ae_title="SHARED", takes_results=True)
    status, _comment = store(edge.port, film(), calling="SHARED")
    assert status == StoreStatus.NOT_AUTHORISED
    add_peer(edge.db, "far", ae_title="SHARED", calling_networks=HERE, sends_films=True)

    def stored() -> bool:
        return store(edge.port, film(), calling="SHARED")[0] == StoreStatus.SUCCESS

    wait_until(stored, 10.0, "the changed peer to be known")


def test_a_peer_of_tls_calls_by_the_tls_port_alone(edge: Edge, papers: Papers) -> None:
    add_peer(edge.db, "room1", sends_films=True, tls=True)
    with structlog.testing.capture_logs() as logs, association(edge.port, calling="ROOM1") as one:
        assert answer(one) == (1, 1, 3)
    (told,) = (entry for entry in logs if entry["event"] == "association_rejected")
    assert (told["reason"], told["address"]) == (Stranger.PLAIN, "127.0.0.1")
    tls = papers.shown(papers.room)
    assert store(edge.listener.tls_port, film(), calling="ROOM1", tls=tls)[0] == StoreStatus.SUCCESS


def test_a_peer_with_names_of_certificates_calls_by_the_tls_port_alone(edge: Edge) -> None:
    """Else anybody at its address could do without the certificate."""
    add_peer(edge.db, "room1", sends_films=True, certificate_names=["room1"])
    with structlog.testing.capture_logs() as logs, association(edge.port, calling="ROOM1") as one:
        assert answer(one) == (1, 1, 3)
    (told,) = (entry for entry in logs if entry["event"] == "association_rejected")
    assert told["reason"] == Stranger.PLAIN


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize(
    ("names", "comes_in"),
    [
        ([], True),
        (["room1.example.org"], True),
        (["Room1.Example.ORG"], True),
        (["room1"], True),
        (["other", "room1"], True),
        (["room2.example.org"], False),
        (["example.org"], False),
    ],
)
def test_a_certificate_must_have_one_of_a_peers_names(
    edge: Edge, papers: Papers, names: list[str], *, comes_in: bool, tls: bool
) -> None:
    add_peer(edge.db, "room1", sends_films=True, tls=tls, certificate_names=names)
    with (
        structlog.testing.capture_logs() as logs,
        association(
            edge.listener.tls_port, calling="ROOM1", tls=papers.shown(papers.room)
        ) as opened,
    ):
        assert opened.is_established is comes_in
    told = [entry["reason"] for entry in logs if entry["event"] == "association_rejected"]
    assert told == ([] if comes_in else [Stranger.CERTIFICATE])


def test_a_peer_must_be_at_home_over_tls_too(edge: Edge, papers: Papers) -> None:
    add_peer(edge.db, "room1", host="10.20.0.11", certificate_names=["room1"], tls=True)
    shown = papers.shown(papers.room)
    with association(edge.listener.tls_port, calling="ROOM1", tls=shown) as opened:
        assert answer(opened) == (1, 1, 3)


def test_who_comes_from_no_network_of_ours_is_hung_up_on(tmp_path: Path) -> None:
    with (
        open_edge(tmp_path, networks=("10.20.0.0/16",)) as edge,
        structlog.testing.capture_logs() as logs,
        socket.create_connection(("127.0.0.1", edge.port), timeout=20) as client,
    ):
        assert client.recv(64) == b""
    assert [entry["address"] for entry in logs if "outside" in entry["event"]] == ["127.0.0.1"]


def test_who_comes_from_no_network_of_ours_sees_no_certificate(
    tmp_path: Path, papers: Papers
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(papers.authority.certificate)
    with (
        open_tls_edge(tmp_path, papers, networks=("10.20.0.0/16",)) as edge,
        socket.create_connection(("127.0.0.1", edge.listener.tls_port), timeout=20) as client,
        pytest.raises((ssl.SSLEOFError, ConnectionError)),
    ):
        context.wrap_socket(client, server_hostname="127.0.0.1")


def test_we_ourselves_may_ask_from_here_whether_the_listener_is_there(edge: Edge) -> None:
    echo("127.0.0.1", edge.port, called_ae="FIRSTREAD", calling_ae="FIRSTREAD")
    status, _comment = store(edge.port, film(), calling="FIRSTREAD")
    assert status == StoreStatus.NOT_AUTHORISED


def test_a_peer_has_as_many_associations_as_it_may_and_others_have_theirs(edge: Edge) -> None:
    add_peer(edge.db, "room1", maximum_associations=2)
    with ExitStack() as opened:
        for _time in range(2):
            assert opened.enter_context(association(edge.port, calling="ROOM1")).is_established
        with association(edge.port, calling="ROOM1") as third:
            assert answer(third) == (2, 3, 2)
        with association(edge.port) as other:
            assert other.is_established
    for _time in range(5):  # one after the other, as fast as it goes
        with ExitStack() as opened:
            for _second in range(2):
                assert opened.enter_context(association(edge.port, calling="ROOM1")).is_established


def test_a_caller_that_no_peer_limits_is_limited_by_the_settings(tmp_path: Path) -> None:
    with (
        open_edge(tmp_path, maximum_associations_per_caller=1) as edge,
        association(edge.port) as first,
    ):
        assert first.is_established
        with association(edge.port) as second:
            assert answer(second) == (2, 3, 2)
        first.abort()
        with association(edge.port) as third:
            assert third.is_established


def test_a_peer_is_told_its_longest_pdu(edge: Edge) -> None:
    add_peer(edge.db, "room1", maximum_pdu=8192, sends_films=True)
    with association(edge.port, calling="ROOM1") as opened:
        assert opened.acceptor.maximum_length == 8192
        assert opened.send_c_store(film()).Status == StoreStatus.SUCCESS
    with association(edge.port) as other:
        assert other.acceptor.maximum_length == 1 << 18


@pytest.mark.parametrize("over_tls", [False, True])
def test_a_peer_that_falls_silent_is_ended_when_its_row_says(
    edge: Edge, papers: Papers, *, over_tls: bool
) -> None:
    add_peer(edge.db, "room1", idle_seconds=0.4)
    port = edge.listener.tls_port if over_tls else edge.port
    tls = papers.shown(papers.room) if over_tls else None
    with (
        association(port, calling="ROOM1", tls=tls) as silent,
        association(edge.port) as other,
    ):
        wait_until(lambda: not silent.is_established, 20.0, "the association to be ended")
        assert other.is_established


def test_a_resolver_that_hangs_holds_up_none_but_its_own_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, goes_on = threading.Event(), threading.Event()

    def resolve(_host: str) -> frozenset[Address]:
        hanging.set()
        goes_on.wait(120)
        return frozenset()

    hosts = HostAddresses(resolve=resolve, patience=60.0)
    with open_edge(tmp_path) as edge:
        monkeypatch.setattr(edge.listener._callers, "_hosts", hosts)
        add_peer(edge.db, "slow", host="slow.example.org")
        caller = threading.Thread(target=lambda: _try(edge.port, "SLOW"))
        caller.start()
        try:
            assert hanging.wait(10)
            assert store(edge.port, film())[0] == StoreStatus.SUCCESS
            assert caller.is_alive()
        finally:
            goes_on.set()
            caller.join()


def _try(port: int, calling: str) -> None:
    with association(port, calling=calling) as opened:
        assert opened.is_rejected
