"""Peers that lie where nobody may be called: none of the ways out goes there, whatever it is for.

Each way is tried against a listener that would notice, and with a resolver that changes its mind.
How a delivery is kept and put off meanwhile is shown with the real deliverer. Not covered: a
model's endpoint (tests/reader/engines/test_remote_address.py).
"""

import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import build_context

from core.errors import ForbiddenPeerError
from core.networks import PRIVATE_NETWORKS, Network
from core.settings import NetworkSettings, Settings
from core.states import DeliveryState
from evaluation.servers.process import free_port
from gateway.address import PeerAddress
from gateway.association import associate
from gateway.carrier import Address
from gateway.contexts import VERIFICATION
from gateway.find import StudyQuery, find_series, find_studies
from gateway.hl7.mllp import Endpoint, open_line
from gateway.move import move
from gateway.outbound import call
from gateway.reach import reach
from gateway.scu import echo, send_files
from gateway.send_many import send_many
from tests.gateway.delivering_house import delivering_house
from tests.gateway.edge import make_settings
from tests.gateway.objects import film_file
from tests.gateway.outgoing import ResultPeer, read_film, running
from tests.waiting import wait_until

ELSEWHERE = (ip_network("10.20.0.0/16"),)
_WORDS = r"127\.0\.0\.1 lies in none of the networks that may be called \(network\.outbound\)"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Give the port of a listener that nobody may connect to."""

    def refuse(_self: socket.socket, address: Any) -> None:
        pytest.fail(f"{address} was connected to")

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "connect", refuse)
            patch.setattr(socket.socket, "connect_ex", refuse)
            yield server.getsockname()[1]
        with pytest.raises(BlockingIOError):
            server.accept()


def settings_of(folder: Path, networks: tuple[Network, ...] = ELSEWHERE) -> Settings:
    """Give settings with a list of networks."""
    outbound = NetworkSettings(outbound=networks)
    return make_settings(folder).model_copy(update={"network": outbound})


def _associated(address: PeerAddress, _folder: Path) -> None:
    with associate(address, [build_context(VERIFICATION)]):
        pass


def _echoed(at: PeerAddress, _folder: Path | None = None) -> None:
    titles = (at.called_ae, at.calling_ae)
    echo(at.host, at.port, called_ae=titles[0], calling_ae=titles[1], networks=at.networks)


def _sent(at: PeerAddress, folder: Path) -> None:
    send_files(
        [film_file(folder)],
        at.host,
        at.port,
        called_ae=at.called_ae,
        calling_ae=at.calling_ae,
        networks=at.networks,
    )


def _line(address: PeerAddress, _folder: Path) -> None:
    with open_line(Endpoint(address.host, address.port, networks=address.networks)):
        pass


WAYS: dict[str, Callable[[PeerAddress, Path], object]] = {
    "association": _associated,
    "echo": _echoed,
    "files": _sent,
    "studies": lambda at, _folder: find_studies(at, StudyQuery(patient_id="P-1")),
    "series": lambda at, _folder: find_series(at, "1.2.3"),
    "fetch": lambda at, _folder: move(at, "FIRSTREAD_RTRV", "1.2.3"),
    "message": _line,
}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_out_goes_there(tmp_path: Path, port: int, way: str, host: str) -> None:
    address = PeerAddress(host, port, "PACS", "FIRSTREAD", networks=ELSEWHERE)
    with pytest.raises(ForbiddenPeerError, match=r"lies in none of the networks"):
        WAYS[way](address, tmp_path)


def test_no_file_goes_there(tmp_path: Path, port: int) -> None:
    address = PeerAddress("127.0.0.1", port, "PACS", "FIRSTREAD", networks=ELSEWHERE)
    (result,) = send_many([film_file(tmp_path)], address)
    assert not result.stored
    assert "network.outbound" in result.words


@pytest.mark.parametrize("protocol", ["dicom", "hl7"])
def test_a_peers_address_takes_the_networks_of_the_settings(
    tmp_path: Path, port: int, protocol: str
) -> None:
    peer = Address(1, "pacs", protocol, "127.0.0.1", port, "PACS")
    with pytest.raises(ForbiddenPeerError, match=_WORDS):
        reach(peer, settings_of(tmp_path))
    assert PeerAddress.of(peer, settings_of(tmp_path)).networks == ELSEWHERE
    assert PeerAddress.of(peer, make_settings(tmp_path)).networks == PRIVATE_NETWORKS


def test_a_name_that_comes_to_mean_another_address_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = ["127.0.0.1", "8.8.8.8"]
    asked: list[str] = []

    def resolve(host: str, port: int, **_options: Any) -> list[Any]:
        asked.append(host)
        address = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with ResultPeer() as peer:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        address = PeerAddress("pacs.example.org", peer.port, "PEER", "FIRSTREAD")
        connection = call(address.host, address.port, PRIVATE_NETWORKS, 5.0)
        connection.close()
        assert connection.fileno() == -1
        with pytest.raises(ForbiddenPeerError, match=r"8\.8\.8\.8 lies in none"):
            _echoed(address)
    assert asked == ["pacs.example.org"] * 2


def test_an_association_asks_for_a_name_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def resolve(host: str | None, *rest: Any, **options: Any) -> list[Any]:
        if host == "pacs.example.org":
            asked.append(host)
            # A second question would be answered with an address that nobody may call.
            host = "127.0.0.1" if len(asked) == 1 else "8.8.8.8"
        return look_up(host, *rest, **options)

    with ResultPeer() as peer:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        echo("pacs.example.org", peer.port, called_ae="PEER", calling_ae="FIRSTREAD")
    assert asked == ["pacs.example.org"]


def test_results_for_a_peer_elsewhere_are_kept_and_put_off_ever_longer(tmp_path: Path) -> None:
    """The peers are there and would take all: nothing reaches them, until they may be called."""
    ris = free_port()
    with ResultPeer() as peer, delivering_house(tmp_path) as house:
        house.peer("pacs", peer.port, ae_title="PEER")
        house.ris("ris", ris)
        read_film(house.db, house.spool)
        closed = house.settings.model_copy(update={"network": NetworkSettings(outbound=ELSEWHERE)})
        with running(closed, house.db, house.spool):
            wait_until(lambda: house.row("pacs").failures >= 2, 30.0, "two attempts")
            wait_until(lambda: house.row("ris").failures >= 2, 30.0, "two attempts")
        for name in ("pacs", "ris"):
            row = house.row(name)
            assert row.last_error is not None
            assert "(network.outbound)" in row.last_error
            assert row.next_attempt_at is not None
            assert {one.state for one in house.of(name)} == {DeliveryState.WAITING}
        assert peer.tried == []
        with running(house.settings, house.db, house.spool):
            house.wait_for(3, DeliveryState.SENT, peer="pacs")
    assert len(peer.stored) == 3
