"""Where a connection may go, and that a name is asked for once.

Not covered: who uses it (tests/gateway/test_outbound.py, tests/reader/engines).
"""

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from core.networks import PRIVATE_NETWORKS
from core.outbound import address_of, connect, destinations, first_outside, within


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.31.255.255", True),
        ("172.32.0.1", False),
        ("8.8.8.8", False),
        ("0.0.0.0", False),  # noqa: S104 - which Linux takes for this machine
        ("::", False),
        ("::1", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("fe80::1%eth0", True),
        ("fd12::1", True),
        ("2001:db8::1", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_what_is_private(text: str, private: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    assert within(address_of(text), PRIVATE_NETWORKS) is private


@pytest.mark.parametrize("text", ["", "localhost", "10.0.0", "010.0.0.1", "1.2.3.4.5", "0x7f.1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        address_of(text)


@pytest.mark.parametrize("host", ["host.invalid", "a..b", "x" * 64 + ".example.org"])
def test_a_name_that_is_none_is_an_error_of_the_network(host: str) -> None:
    with pytest.raises(OSError, match=r"."):
        destinations(host, 104)


def test_one_address_outside_is_enough() -> None:
    found = (*destinations("127.0.0.1", 104), *destinations("127.0.0.2", 104))
    assert first_outside(found, [ip_network("127.0.0.0/8")]) is None
    assert first_outside(found, [ip_network("127.0.0.1/32")]) == ip_address("127.0.0.2")
    assert first_outside(found, []) == ip_address("127.0.0.1")


def test_a_name_is_asked_for_once_and_its_answer_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, **_options: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = destinations("pacs.example.org", server.getsockname()[1])
        with connect(found, 5.0) as opened:
            assert opened.getpeername() == server.getsockname()
            assert opened.gettimeout() == 5.0
    assert asked == ["pacs.example.org"]


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = (*destinations("::1", port), *destinations("127.0.0.1", port))
        with connect(found, 5.0) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)
    with pytest.raises(ConnectionRefusedError):
        connect(found, 5.0)
