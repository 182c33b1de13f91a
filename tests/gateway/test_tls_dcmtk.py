"""dcmtk on the other side of TLS: its clients at our port, and its server at the end of our lines.

Covered: each of dcmtk's profiles that is not retired against both of ours, certificates that it
shows and that it is shown, right and wrong. Not covered: everything that fails within TLS itself
(test_tls_door.py).
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from core.door_settings import TlsSettings
from core.errors import PeerUnavailableError
from core.states import DeliveryState
from evaluation.servers.process import ServerProcess, free_port
from gateway.scu import echo, send_files
from gateway.tls.client import Tls
from tests.gateway.delivering_house import delivering_house
from tests.gateway.objects import film_file
from tests.gateway.outgoing import read_film, running
from tests.gateway.tls_house import Papers, door_settings, open_tls_edge
from tests.peers.authority import key_of
from tests.peers.dcmtk import echoscu, storescu
from tests.peers.programs import program
from tests.waiting import wait_until


def options(papers: Papers, certificate: Path, *more: str) -> list[str]:
    """Give dcmtk's options for TLS with a certificate."""
    files = ("+tls", str(key_of(certificate)), str(certificate))
    return [*files, "+cf", str(papers.authority.certificate), *more]


@pytest.mark.parametrize("profile", ["bcp195", "extended-bcp195"])
@pytest.mark.parametrize("theirs", ["+py", "+px", "+pz"])
def test_storescu_stores_over_tls(
    tmp_path: Path, papers: Papers, profile: str, theirs: str
) -> None:
    door: TlsSettings = door_settings(papers, profile=profile)
    path = film_file(tmp_path)
    with open_tls_edge(tmp_path / "edge", papers, door=door) as edge:
        outcome = storescu(
            [path], edge.listener.tls_port, options=options(papers, papers.room, theirs)
        )
        assert outcome.statuses == [0], outcome.output
        (instance,) = edge.instances()
        assert dcmread(instance.path) == dcmread(path)


def test_echoscu_is_answered_and_strangers_are_not(tmp_path: Path, papers: Papers) -> None:
    stranger = papers.stranger.issue("dcmtk", "DNS:room1.example.org")
    expired = papers.authority.issue("late", "DNS:room1.example.org", days=-1)
    authority = ["+cf", str(papers.authority.certificate)]
    with open_tls_edge(tmp_path, papers) as edge:
        port = edge.listener.tls_port
        for refused in (
            options(papers, stranger),
            options(papers, expired),
            ["+tla", *authority],
            [],
        ):
            assert echoscu(port, options=refused).code != 0
            assert echoscu(port, options=options(papers, papers.room)).code == 0


def test_our_own_certificate_is_checked_by_dcmtk(tmp_path: Path, papers: Papers) -> None:
    """Otherwise what is tested here of our certificate would be nothing."""
    files = ["+tls", str(key_of(papers.room)), str(papers.room)]
    with open_tls_edge(tmp_path, papers) as edge:
        trusting = [*files, "+cf", str(papers.stranger.certificate)]
        assert echoscu(edge.listener.tls_port, options=trusting).code != 0


@contextmanager
def storescp(folder: Path, papers: Papers, certificate: Path) -> Iterator[int]:
    """Run dcmtk's server with TLS; give its port. It asks its callers for certificates."""
    port = free_port()
    folder.mkdir()

    def listens() -> bool:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True

    command: list[str | Path] = [program("storescp", "dcmtk"), *options(papers, certificate)]
    command += ["--output-directory", folder, str(port)]
    server = ServerProcess(command, folder.with_suffix(".log"), listens)
    server.start()
    try:
        yield port
    finally:
        server.stop()


def test_results_reach_storescp_over_tls(tmp_path: Path, papers: Papers) -> None:
    path = film_file(tmp_path)
    tls = papers.shown(papers.room)
    with storescp(tmp_path / "stored", papers, papers.listener) as port:
        echo("127.0.0.1", port, called_ae="PACS", calling_ae="FIRSTREAD", tls=tls)
        (sent,) = send_files(
            [path], "127.0.0.1", port, called_ae="PACS", calling_ae="FIRSTREAD", tls=tls
        )
    assert sent.stored
    (kept,) = (tmp_path / "stored").iterdir()
    assert dcmread(kept) == dcmread(path)


def test_a_delivery_goes_over_tls_and_waits_for_the_right_certificate(
    tmp_path: Path, papers: Papers
) -> None:
    files = {
        "tls": True,
        "tls_ca_file": str(papers.authority.certificate),
        "tls_certificate_file": str(papers.room),
        "tls_key_file": str(key_of(papers.room)),
    }
    with delivering_house(tmp_path / "house") as house:
        with storescp(
            tmp_path / "wrong", papers, papers.stranger.issue("pacs", "IP:127.0.0.1")
        ) as port:
            house.peer("pacs", port, **files)
            read_film(house.db, house.spool)
            with running(house.settings, house.db, house.spool):
                wait_until(lambda: house.row("pacs").failures >= 1, 30.0, "an attempt")
        assert "no TLS with" in str(house.row("pacs").last_error)
        assert list((tmp_path / "wrong").iterdir()) == []
        with storescp(tmp_path / "right", papers, papers.listener) as port:
            house.peer("pacs", port, **files)
            with running(house.settings, house.db, house.spool):
                house.wait_for(3, DeliveryState.SENT)
        assert len(list((tmp_path / "right").iterdir())) == 3


@pytest.mark.parametrize(
    ("server", "shown", "words"),
    [
        ("elsewhere", "room", "IP address mismatch|not valid for"),
        ("stranger", "room", "unable to get local issuer certificate"),
        ("late", "room", "certificate has expired"),
        ("listener", None, "does not take our certificate"),
    ],
)
def test_a_server_that_is_not_the_peer_is_sent_nothing(
    tmp_path: Path, papers: Papers, server: str, shown: str | None, words: str
) -> None:
    certificate = {
        "elsewhere": lambda: papers.authority.issue("elsewhere", "DNS:elsewhere.example.org"),
        "stranger": lambda: papers.stranger.issue("pacs", "IP:127.0.0.1"),
        "late": lambda: papers.authority.issue("late-pacs", "IP:127.0.0.1", days=-1),
        "listener": lambda: papers.listener,
    }[server]()
    tls = papers.shown(papers.room if shown else None)
    with storescp(tmp_path / "stored", papers, certificate) as port:
        with pytest.raises(PeerUnavailableError, match=words):
            send_files(
                [film_file(tmp_path)],
                "127.0.0.1",
                port,
                called_ae="PACS",
                calling_ae="FIRSTREAD",
                tls=tls,
            )
        assert list((tmp_path / "stored").iterdir()) == []


def test_a_plain_server_where_tls_is_set_up_is_sent_nothing(tmp_path: Path, papers: Papers) -> None:
    with (
        open_tls_edge(tmp_path, papers) as edge,
        pytest.raises(PeerUnavailableError, match="no TLS with"),
    ):
        echo(
            "127.0.0.1",
            edge.port,
            called_ae="FIRSTREAD",
            calling_ae="DCMTK",
            timeout=5.0,
            tls=Tls(str(papers.authority.certificate)),
        )
