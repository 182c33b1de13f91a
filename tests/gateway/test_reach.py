"""Whether peers are there, by their protocols: a Storage SCP and a reporting system, real both.

Not covered: how the commands print it (tests/commands), and every way in which TLS can fail
(test_mllp.py).
"""

from pathlib import Path

import pytest

from core.errors import PeerUnavailableError
from evaluation.servers.process import free_port
from gateway.carrier import Address
from gateway.reach import reach
from tests.gateway.edge import make_settings
from tests.gateway.outgoing import ResultPeer
from tests.peers.authority import Authority, key_of
from tests.peers.mllp import MllpPeer


def address(port: int, protocol: str = "hl7", **values: str | bool) -> Address:
    """Give a peer's address."""
    return Address(1, "peer", protocol, "127.0.0.1", port, **values)  # type: ignore[arg-type]


def test_a_dicom_peer_is_echoed(tmp_path: Path) -> None:
    with ResultPeer() as peer:
        seen = reach(address(peer.port, "dicom", ae_title="PEER"), make_settings(tmp_path))
    assert seen == "answers C-ECHO"


def test_an_hl7_peer_is_connected_to_and_told_nothing(tmp_path: Path) -> None:
    with MllpPeer(tmp_path / "ris") as peer:
        seen = reach(address(peer.port), make_settings(tmp_path))
        assert seen == "takes connections, unencrypted; no message was sent"
        assert peer.received == []


def test_over_tls_the_certificates_of_both_are_tried(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    own = authority.issue("own", "DNS:firstread")
    with MllpPeer(
        tmp_path / "ris",
        certificate=authority.issue("ris", "IP:127.0.0.1"),
        client_ca=authority.certificate,
    ) as peer:
        bare = address(peer.port, tls=True, tls_ca_file=str(authority.certificate))
        with pytest.raises(PeerUnavailableError, match="closed the connection at once"):
            reach(bare, make_settings(tmp_path))
        shown = address(
            peer.port,
            tls=True,
            tls_ca_file=str(authority.certificate),
            tls_certificate_file=str(own),
            tls_key_file=str(key_of(own)),
        )
        seen = reach(shown, make_settings(tmp_path))
        assert seen == "takes connections, over TLSv1.3; no message was sent"
        assert peer.received == []


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(PeerUnavailableError, match="no connection"):
        reach(address(free_port()), make_settings(tmp_path))
