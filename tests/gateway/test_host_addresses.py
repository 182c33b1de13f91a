"""The cache of where hosts are: what it keeps, for how long, and whom it lets wait."""

import threading
import time
from ipaddress import ip_address

from core.outbound import Address
from gateway.host_addresses import HostAddresses
from tests.waiting import wait_until

ONE = frozenset({ip_address("10.0.0.1")})
OTHER = frozenset({ip_address("10.0.0.2"), ip_address("fd00::2")})


class Resolver:
    """Answers as a test wants."""

    def __init__(self, *answers: frozenset[Address] | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> frozenset[Address]:
        """Give the next answer."""
        self.asked.append(host)
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            raise OSError
        return answer


def test_an_address_is_nothing_to_ask_for() -> None:
    resolver = Resolver()
    hosts = HostAddresses(resolve=resolver)
    assert hosts.of("10.0.0.1") == ONE
    assert hosts.of("::ffff:10.0.0.1") == ONE
    assert hosts.of("fe80::1%eth0") == {ip_address("fe80::1")}
    assert resolver.asked == []


def test_an_answer_is_kept_for_a_while() -> None:
    resolver = Resolver(ONE, OTHER)
    hosts = HostAddresses(resolve=resolver)
    assert hosts.of("pacs") == hosts.of("pacs") == ONE
    assert hosts.of("other") == OTHER
    assert resolver.asked == ["pacs", "other"]


def test_a_host_that_moves_is_found_again() -> None:
    hosts = HostAddresses(resolve=Resolver(ONE, OTHER), keep_seconds=0.0)
    assert hosts.of("pacs") == ONE
    assert hosts.of("pacs") == OTHER


def test_a_name_that_nobody_knows_is_not_asked_for_by_each_caller() -> None:
    resolver = Resolver(None)
    hosts = HostAddresses(resolve=resolver)
    assert hosts.of("nowhere") == hosts.of("nowhere") == frozenset()
    assert resolver.asked == ["nowhere"]


def test_the_last_answer_stands_while_the_resolver_is_away() -> None:
    hosts = HostAddresses(resolve=Resolver(ONE, None), keep_seconds=0.0)
    assert hosts.of("pacs") == hosts.of("pacs") == ONE


def test_a_resolver_that_hangs_is_waited_for_once() -> None:
    goes_on = threading.Event()

    def resolve(_host: str) -> frozenset[Address]:
        goes_on.wait(30)
        return ONE

    hosts = HostAddresses(resolve=resolve, patience=1.0)
    try:
        assert hosts.of("pacs") == frozenset()
        begun = time.monotonic()
        for _time in range(20):
            assert hosts.of("pacs") == frozenset()
        assert time.monotonic() - begun < 10.0
    finally:
        goes_on.set()
    wait_until(lambda: hosts.of("pacs") == ONE, 10.0, "the answer")
