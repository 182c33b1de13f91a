"""Whether peers are there, by their protocols: a Storage SCP and a reporting system, real both.

Not covered: how the commands print it (tests/commands), and every way in which TLS can fail
(test_mllp.py).
"""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import PeerUnavailableError, RefusedByPeerError
from core.states import CommitmentWay
from evaluation.servers.process import free_port
from gateway.carrier import Address
from gateway.reach import reach
from tests.gateway.commitment_peer import CommitmentPeer
from tests.gateway.edge import make_settings
from tests.gateway.outgoing import ResultPeer
from tests.gateway.query_peer import QueryPeer
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


@pytest.mark.parametrize("offers", [True, False])
def test_whether_storage_commitment_is_offered(tmp_path: Path, *, offers: bool) -> None:
    with CommitmentPeer(commits=offers) as peer:
        asked = address(peer.port, "dicom", ae_title="PACS", commitment=CommitmentWay.ASK)
        if offers:
            seen = reach(asked, make_settings(tmp_path))
            assert seen == "answers C-ECHO, accepts storage commitment"
        else:
            with pytest.raises(RefusedByPeerError, match="does not accept storage commitment"):
                reach(asked, make_settings(tmp_path))
        assert peer.asked == []


def test_whether_queries_are_offered(tmp_path: Path) -> None:
    with QueryPeer() as peer, CommitmentPeer() as other:
        searched = address(peer.port, "dicom", ae_title="PACS", commitment=CommitmentWay.FIND)
        seen = reach(searched, make_settings(tmp_path))
        assert seen == "answers C-ECHO, accepts Study Root queries"
        with pytest.raises(RefusedByPeerError, match="does not accept Study Root queries"):
            reach(replace(searched, port=other.port), make_settings(tmp_path))
