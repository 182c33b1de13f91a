"""The listener's TLS port: whom it refuses, and that nobody waits for those meanwhile.

Covered: certificates that are right, missing, expired, of another authority, too weak; plain
clients, silent and slow ones; old versions and weak ciphers; files that change while it runs.
Clients are real TLS clients: Python's, and dcmtk's in test_tls_dcmtk.py. Not covered: which of
those who come in may do what (test_admission.py), and floods (test_flood.py).
"""

import contextlib
import os
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from pydicom import dcmread

from core.errors import PeerUnavailableError, SettingsError
from gateway.scu import echo
from gateway.statuses import StoreStatus
from gateway.tls import door as tls_door
from gateway.tls.certificate import Validity
from gateway.tls.client import client_context
from gateway.tls.door import TlsDoor
from tests.gateway.client import association, store
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import film, film_file
from tests.gateway.tls_house import Papers, door_settings, open_tls_edge
from tests.peers.authority import Authority, key_of
from tests.waiting import wait_until


@pytest.fixture
def edge(tmp_path: Path, papers: Papers) -> Iterator[Edge]:
    """Give a listener whose handshakes may take long: nobody may wait for one."""
    with open_tls_edge(
        tmp_path / "edge", papers, door=door_settings(papers, handshake_seconds=60.0)
    ) as opened:
        yield opened


def served(edge: Edge, papers: Papers) -> bool:
    """Tell whether an honest caller is served, and in little time."""
    begun = time.monotonic()
    echo(
        "127.0.0.1",
        edge.listener.tls_port,
        called_ae="FIRSTREAD",
        calling_ae="DCMTK",
        tls=papers.shown(papers.room),
    )
    return time.monotonic() - begun < 10.0


def end_of(edge: Edge, context: ssl.SSLContext) -> str:
    """Connect and wait; give the words with which the listener ended it.

    Raises
    ------
    TimeoutError
        If it did not: then it waits for a request, which is to say that it let the caller in.
    """
    port = edge.listener.tls_port
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            # With TLS 1.3 a client is told only after its own handshake.
            return f"closed after {len(secured.recv(64))} bytes"
    except (ssl.SSLError, ConnectionError) as error:
        return str(error)


def test_a_film_over_tls_is_kept(edge: Edge, papers: Papers, tmp_path: Path) -> None:
    path = film_file(tmp_path)
    tls = papers.shown(papers.room)
    assert store(edge.listener.tls_port, path, tls=tls) == (StoreStatus.SUCCESS, "")
    (instance,) = edge.instances()
    assert dcmread(instance.path) == dcmread(path)


def test_both_ports_are_open_and_the_plain_one_may_be_closed(
    tmp_path: Path, edge: Edge, papers: Papers
) -> None:
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS
    assert len(edge.listener.ports) == 2
    with open_tls_edge(tmp_path / "alone", papers, plain=False) as alone:
        assert served(alone, papers)
        assert list(alone.listener.ports) == ["gateway-tls"]
        with pytest.raises(RuntimeError, match="not open"):
            _ = alone.port


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_new_versions_of_tls_are_spoken(
    edge: Edge, papers: Papers, version: ssl.TLSVersion
) -> None:
    context = client_context(papers.shown(papers.room))
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", edge.listener.tls_port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.version() == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
        cipher = secured.cipher()
        assert cipher is not None
        assert "GCM" in cipher[0]


@pytest.mark.parametrize("who", ["nobody", "stranger", "expired", "self_signed"])
def test_a_caller_without_a_good_certificate_is_refused(
    edge: Edge, papers: Papers, who: str
) -> None:
    shown = {
        "nobody": None,
        "stranger": papers.stranger.issue("room1", "DNS:room1.example.org"),
        "expired": papers.authority.issue("expired", "DNS:room1.example.org", days=-1),
        "self_signed": Authority(papers.authority.folder, "self").certificate,
    }[who]
    with structlog.testing.capture_logs() as logs:
        end_of(edge, client_context(papers.shown(shown)))
        wait_until(lambda: [one for one in logs if one["event"] == "tls_refused"], 10.0, "the log")
    assert served(edge, papers)
    assert edge.empty
    (told,) = (one for one in logs if one["event"] == "tls_refused")
    assert told["address"] == "127.0.0.1"
    assert told["reason"]


def test_a_plain_client_on_the_tls_port_is_refused(edge: Edge, papers: Papers) -> None:
    with association(edge.listener.tls_port) as opened:
        assert not opened.is_established
    assert served(edge, papers)


def test_a_tls_client_on_the_plain_port_is_refused(edge: Edge, papers: Papers) -> None:
    with pytest.raises(PeerUnavailableError, match="no TLS with"):
        store(edge.port, film(), tls=papers.shown(papers.room))
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS


def test_silent_callers_hold_nobody_up(edge: Edge, papers: Papers) -> None:
    """There are more of them than places for those who have asked for nothing yet."""
    with ExitStack() as silent:
        for said in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00") * 25:
            client = silent.enter_context(
                socket.create_connection(("127.0.0.1", edge.listener.tls_port), timeout=20)
            )
            client.sendall(said)
        assert served(edge, papers)
        assert store(edge.port, film())[0] == StoreStatus.SUCCESS


def test_a_silent_caller_is_hung_up_on_in_time(tmp_path: Path, papers: Papers) -> None:
    door = door_settings(papers, handshake_seconds=0.3)
    with (
        open_tls_edge(tmp_path, papers, door=door) as edge,
        socket.create_connection(("127.0.0.1", edge.listener.tls_port), timeout=20) as client,
    ):
        begun = time.monotonic()
        client.sendall(b"\x16\x03\x01")
        assert client.recv(64) == b""
        assert time.monotonic() - begun < 15.0


def test_a_caller_that_shakes_hands_byte_by_byte_is_hung_up_on(
    tmp_path: Path, papers: Papers
) -> None:
    door = door_settings(papers, handshake_seconds=0.5)
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200
    with (
        open_tls_edge(tmp_path, papers, door=door) as edge,
        socket.create_connection(("127.0.0.1", edge.listener.tls_port), timeout=0.05) as client,
    ):
        begun = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in hello:
                client.sendall(bytes((byte,)))
                with contextlib.suppress(TimeoutError):
                    assert client.recv(64) == b""
                    break
        assert 0.4 < time.monotonic() - begun < 15.0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_downgrade_is_refused(edge: Edge, papers: Papers, version: ssl.TLSVersion) -> None:
    context = client_context(papers.shown(papers.room))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    assert "PROTOCOL_VERSION" in end_of(edge, context)
    assert served(edge, papers)


@pytest.mark.parametrize(
    "cipher",
    ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES256-GCM-SHA384", "eNULL"],
)
def test_weak_ciphers_are_refused(edge: Edge, papers: Papers, cipher: str) -> None:
    context = client_context(papers.shown(papers.room))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    assert "HANDSHAKE_FAILURE" in end_of(edge, context)
    assert served(edge, papers)


def test_the_extended_profile_wants_strong_keys(tmp_path: Path, papers: Papers) -> None:
    door = door_settings(papers, profile="extended-bcp195")
    weak = papers.authority.issue("weak", "IP:127.0.0.1", rsa_bits=2048)
    with open_tls_edge(tmp_path / "edge", papers, door=door) as edge:
        end_of(edge, client_context(papers.shown(weak)))
        assert served(edge, papers)
    own = door_settings(
        papers, profile="extended-bcp195", certificate_file=weak, key_file=key_of(weak)
    )
    with (
        pytest.raises(SettingsError, match="ee key too small"),
        open_tls_edge(tmp_path / "own", papers, door=own),
    ):
        pass


def test_a_weak_key_is_good_enough_for_nobody(tmp_path: Path, papers: Papers) -> None:
    weak = papers.authority.issue("weakest", "IP:127.0.0.1", rsa_bits=1024)
    own = door_settings(papers, certificate_file=weak, key_file=key_of(weak))
    with (
        pytest.raises(SettingsError, match="ee key too small"),
        open_tls_edge(tmp_path, papers, door=own),
    ):
        pass


@pytest.mark.parametrize("wrong", ["certificate_file", "key_file", "ca_file"])
def test_wrong_files_are_named_at_the_start(tmp_path: Path, papers: Papers, wrong: str) -> None:
    path = tmp_path / "wrong.pem"
    path.write_text("no such thing")
    with (
        pytest.raises(SettingsError, match=rf"gateway\.tls: .*{wrong}"),
        open_edge(tmp_path, tls=door_settings(papers, **{wrong: path})),
    ):
        pass


def test_renewed_files_are_taken_without_a_restart_and_broken_ones_are_not(
    tmp_path: Path, papers: Papers
) -> None:
    mine = tmp_path / "mine.pem"
    shutil.copy(papers.listener, mine)
    shutil.copy(key_of(papers.listener), key_of(mine))
    door = door_settings(papers, certificate_file=mine, key_file=key_of(mine))
    with open_tls_edge(tmp_path / "edge", papers, door=door) as edge:
        before = _shown_by(edge, papers)
        with structlog.testing.capture_logs() as logs:
            mine.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
            assert _shown_by(edge, papers) == before
            assert _shown_by(edge, papers) == before
        told = [one for one in logs if one["event"] == "tls_files_not_taken"]
        assert len(told) == 1
        renewed = papers.authority.issue("renewed", "IP:127.0.0.1")
        # As an administrator would: first one file, a while later the other.
        shutil.copy(renewed, mine)
        assert _shown_by(edge, papers) == before
        with structlog.testing.capture_logs() as logs:
            shutil.copy(key_of(renewed), key_of(mine))
            after = _shown_by(edge, papers)
        assert after == ssl.PEM_cert_to_DER_cert(_pem(renewed))
        assert [one["event"] for one in logs if one["event"].startswith("tls_files")] == [
            "tls_files_taken"
        ]


def test_a_certificate_with_a_comment_in_another_encoding_is_taken(
    tmp_path: Path, papers: Papers
) -> None:
    mine = tmp_path / "mine.pem"
    comment = b"subject=O = Universit\xe4tsklinikum\n"
    mine.write_bytes(comment + papers.listener.read_bytes())
    shutil.copy(key_of(papers.listener), key_of(mine))
    door = door_settings(papers, certificate_file=mine, key_file=key_of(mine))
    with open_tls_edge(tmp_path / "edge", papers, door=door) as edge:
        renewed = papers.authority.issue("commented", "IP:127.0.0.1")
        shutil.copy(key_of(renewed), key_of(mine))
        mine.write_bytes(comment + renewed.read_bytes())
        assert _shown_by(edge, papers) == ssl.PEM_cert_to_DER_cert(_pem(renewed))


def test_when_a_certificate_ends_need_not_be_readable(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(path: Path) -> Validity:
        message = f"{path} holds no certificate in PEM"
        raise SettingsError(message)

    monkeypatch.setattr(Validity, "read", unreadable)
    with structlog.testing.capture_logs() as logs:
        TlsDoor(door_settings(papers))
    assert [(one["event"], one["certificate_until"]) for one in logs] == [("tls_files_taken", None)]


@pytest.mark.parametrize("which", ["certificate_file", "key_file", "ca_file"])
def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(
    tmp_path: Path, papers: Papers, which: str
) -> None:
    door = door_settings(papers)
    mine = tmp_path / "mine.pem"
    shutil.copy(getattr(door, which), mine)
    door = door_settings(papers, **{which: mine})
    with open_tls_edge(tmp_path / "edge", papers, door=door) as edge:
        mine.unlink()
        os.mkfifo(mine)
        assert served(edge, papers)
    with (
        pytest.raises(SettingsError, match=r"mine\.pem is no file"),
        open_edge(tmp_path / "again", tls=door),
    ):
        pass


def test_a_look_at_the_files_that_hangs_holds_up_the_one_who_looks_alone(
    tmp_path: Path, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a mount whose server is gone, which no test can make without being root."""
    looked, gone_on = threading.Event(), threading.Event()

    def hangs(_path: Path) -> tuple[int, int, int]:
        looked.set()
        gone_on.wait(60.0)
        return (0, 0, 0)

    with open_tls_edge(tmp_path, papers) as edge:
        monkeypatch.setattr(tls_door, "_stamp", hangs)
        port = edge.listener.tls_port
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20):
                assert looked.wait(20.0)
                assert served(edge, papers)
        finally:
            gone_on.set()


def test_another_authority_is_taken_without_a_restart(tmp_path: Path, papers: Papers) -> None:
    trusted = tmp_path / "trusted.pem"
    shutil.copy(papers.authority.certificate, trusted)
    other = papers.stranger.issue("other", "DNS:room1.example.org")
    door = door_settings(papers, ca_file=trusted)
    with open_tls_edge(tmp_path / "edge", papers, door=door) as edge:
        tls = papers.shown(other)
        end_of(edge, client_context(tls))
        shutil.copy(papers.stranger.certificate, trusted)
        assert store(edge.listener.tls_port, film(), tls=tls)[0] == StoreStatus.SUCCESS
        end_of(edge, client_context(papers.shown(papers.room)))


def _shown_by(edge: Edge, papers: Papers) -> bytes:
    """Give the certificate that the listener shows."""
    context = client_context(papers.shown(papers.room))
    with (
        socket.create_connection(("127.0.0.1", edge.listener.tls_port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def _pem(path: Path) -> str:
    text = path.read_text()
    return text[text.index("-----BEGIN CERTIFICATE-----") :]
