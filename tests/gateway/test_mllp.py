"""The MLLP client against a real listener in a process of its own, over TCP and TLS.

Covered: answers of every kind, whole, half, late, foreign and endless; several messages on one
connection; certificates that are right, of another authority, for another host, missing. What each
acknowledgement means is in test_hl7_acknowledgement.py, the delivery in test_deliver_hl7.py.
"""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import PeerUnavailableError
from evaluation.servers.process import free_port
from gateway.hl7.mllp import Endpoint, open_line
from gateway.statuses import Verdict
from gateway.tls.client import Tls
from tests.peers.authority import Authority, key_of
from tests.peers.mllp import MllpPeer
from tests.waiting import wait_until

_MESSAGE = "MSH|^~\\&|FIRSTREAD||RIS||20260101||ORU^R01^ORU_R01|{}|P|2.5.1\rPID|1\r"
_SECONDS = 5.0


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[MllpPeer]:
    with MllpPeer(tmp_path / "peer") as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def message(number: int) -> tuple[bytes, str]:
    """Give a message and its control id."""
    control_id = f"ID{number}"
    return _MESSAGE.format(control_id).encode(), control_id


def endpoint(peer: MllpPeer, tls: Tls | None = None, *, answer_seconds: float = 5.0) -> Endpoint:
    """Give where a peer listens."""
    return Endpoint("127.0.0.1", peer.port, tls, _SECONDS, answer_seconds)


def test_several_messages_go_on_one_connection(peer: MllpPeer) -> None:
    peer.answers("AA", "AE:101", "AR:207", "CA")
    with open_line(endpoint(peer)) as line:
        answers = [line.exchange(*message(number)) for number in range(4)]
        assert line.quiet()
        assert line.secured_by is None
    assert [answer.verdict for answer in answers] == [
        Verdict.STORED,
        Verdict.PERMANENT,
        Verdict.TRANSIENT,
        Verdict.STORED,
    ]
    assert [answer.status for answer in answers] == [0, 101, 207, 0]
    assert answers[1].words == "AE Application error, 101 Required field missing: said so"
    assert [one.data for one in peer.received] == [message(n)[0].decode() for n in range(4)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("close", "closed after no answer"),
        ("half", "closed after half an answer"),
        ("garbage", "no acknowledgement"),
        ("unframed", "not framed"),
        ("other", "an answer to another message"),
        ("flood", "more than 65536 bytes"),
        ("crash", "no answer|broke"),
    ],
)
def test_what_is_no_answer_leaves_it_open_whether_the_peer_has_it(
    peer: MllpPeer, answer: str, words: str
) -> None:
    peer.answers(answer)
    with open_line(endpoint(peer)) as line:
        with pytest.raises(PeerUnavailableError, match=words):
            line.exchange(*message(1))
        assert not line.quiet()
    assert peer.control_ids == ["ID1"]


@pytest.mark.parametrize("answer", ["nothing", "dribble", "delay:30"])
def test_an_answer_is_waited_for_so_long_and_no_longer(peer: MllpPeer, answer: str) -> None:
    peer.answers(answer)
    begun = time.monotonic()
    with (
        open_line(endpoint(peer, answer_seconds=0.5)) as line,
        pytest.raises(PeerUnavailableError, match=r"no whole answer within 0\.5 s"),
    ):
        line.exchange(*message(1))
    assert 0.4 < time.monotonic() - begun < 10.0


def test_a_late_answer_in_time_counts(peer: MllpPeer) -> None:
    peer.answers("delay:0.3")
    with open_line(endpoint(peer)) as line:
        assert line.exchange(*message(1)).verdict is Verdict.STORED


def test_a_connection_that_was_closed_after_an_answer_is_noticed(peer: MllpPeer) -> None:
    peer.answers("AA-close")
    with open_line(endpoint(peer)) as line:
        assert line.quiet()
        assert line.exchange(*message(1)).verdict is Verdict.STORED
        wait_until(lambda: not line.quiet(), 20.0, "the end of the connection")


def test_a_second_answer_is_never_taken_for_the_next_message(peer: MllpPeer) -> None:
    peer.answers("twice")
    with open_line(endpoint(peer)) as line:
        assert line.exchange(*message(1)).verdict is Verdict.STORED
        wait_until(lambda: not line.quiet(), 20.0, "the second answer")


def test_nobody_listens() -> None:
    with (
        pytest.raises(PeerUnavailableError, match=r"no connection to 127\.0\.0\.1:.*refused"),
        open_line(Endpoint("127.0.0.1", free_port())),
    ):
        pass


@pytest.mark.parametrize("tls", [None, Tls()])
def test_a_listener_that_is_frozen_is_left_in_time(tls: Tls | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        port = frozen.getsockname()[1]
        begun = time.monotonic()
        with (
            pytest.raises(PeerUnavailableError, match=r"within|timed out"),
            open_line(Endpoint("127.0.0.1", port, tls, 0.5, 0.5)) as line,
        ):
            line.exchange(*message(1))
        assert time.monotonic() - begun < 10.0


def test_over_tls_with_our_own_certificate(tmp_path: Path, authority: Authority) -> None:
    own = authority.issue("firstread", "DNS:firstread")
    certificate = authority.issue("ris", "IP:127.0.0.1")
    tls = Tls(str(authority.certificate), str(own), str(key_of(own)))
    with MllpPeer(
        tmp_path / "peer", certificate=certificate, client_ca=authority.certificate
    ) as peer:
        with open_line(endpoint(peer, tls)) as line:
            assert line.secured_by == "TLSv1.3"
            assert line.quiet(0.1)  # session tickets are no words of the peer
            for number in range(2):
                assert line.exchange(*message(number)).verdict is Verdict.STORED
        bare = Tls(str(authority.certificate))
        with (
            pytest.raises(PeerUnavailableError, match=r"certificate required|no answer|broke"),
            open_line(endpoint(peer, bare)) as line,
        ):
            line.exchange(*message(2))
    assert peer.control_ids == ["ID0", "ID1"]


@pytest.mark.parametrize(
    ("issuer", "alternative", "words"),
    [
        ("stranger", "IP:127.0.0.1", "unable to get local issuer certificate"),
        ("authority", "IP:127.0.0.2", "not valid for '127.0.0.1'|IP address mismatch"),
        ("authority", "DNS:localhost", "not valid for '127.0.0.1'|IP address mismatch"),
    ],
)
def test_a_certificate_that_does_not_fit_gets_no_message(
    tmp_path: Path, authority: Authority, issuer: str, alternative: str, words: str
) -> None:
    certificate = Authority(authority.folder, issuer).issue(
        alternative.replace(":", "-"), alternative
    )
    tls = Tls(str(authority.certificate))
    with MllpPeer(tmp_path / "peer", certificate=certificate) as peer:
        with pytest.raises(PeerUnavailableError, match=words), open_line(endpoint(peer, tls)):
            pass
        assert peer.received == []


def test_a_plain_listener_where_tls_is_wanted_gets_no_message(
    peer: MllpPeer, authority: Authority
) -> None:
    with (
        pytest.raises(PeerUnavailableError, match="no TLS with"),
        open_line(
            Endpoint("127.0.0.1", peer.port, Tls(str(authority.certificate)), connect_seconds=0.5)
        ),
    ):
        pass
    assert peer.received == []


def test_tls_where_a_plain_connection_was_set_up_gets_no_message(
    tmp_path: Path, authority: Authority
) -> None:
    certificate = authority.issue("ris", "IP:127.0.0.1")
    with MllpPeer(tmp_path / "peer", certificate=certificate) as peer:
        with (
            pytest.raises(PeerUnavailableError),
            open_line(endpoint(peer)) as line,
        ):
            line.exchange(*message(1))
        assert peer.received == []


@pytest.mark.parametrize("missing", ["ca_file", "certificate_file"])
def test_a_tls_file_that_is_missing_is_named_as_the_trouble(peer: MllpPeer, missing: str) -> None:
    tls = Tls(**{missing: "/nowhere.pem"})
    with (
        pytest.raises(PeerUnavailableError, match=r"TLS files .*No such file"),
        open_line(endpoint(peer, tls)),
    ):
        pass
