"""What doctor says of ports and certificates, and `peers echo` over TLS.

Covered: each verdict on the listener's two ports and on the files for a peer. Not covered: what
TLS itself refuses (tests/gateway/test_tls_door.py).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from commands.check import Check, Verdict
from commands.doctor import _peers
from commands.peers import echo
from commands.tls_checks import calls_check, listener_checks, peer_files_check
from core.settings import Settings, load_settings
from db.models import Peer
from gateway.carrier import Address
from tests.gateway.edge import add_peer, make_settings
from tests.gateway.tls_house import Papers, door_settings, open_tls_edge
from tests.peers.authority import key_of


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers.make(tmp_path_factory.mktemp("papers"))


def ports(settings: Settings) -> dict[str, Check]:
    """Give the checks of the listener."""
    return {check.name: check for check in listener_checks(settings)}


@pytest.mark.parametrize(
    ("values", "verdict", "words"),
    [
        ({"host": "127.0.0.1"}, Verdict.OK, "127.0.0.1:0, unencrypted"),
        ({"host": "localhost"}, Verdict.OK, "unencrypted"),
        ({"host": "10.0.0.1"}, Verdict.REMARK, "gateway.networks"),
        ({"host": "10.0.0.1", "networks": ("10.0.0.0/8",)}, Verdict.OK, "10.0.0.1:0"),
        ({"allow_unknown_peers": True}, Verdict.REMARK, "whoever can connect"),
    ],
)
def test_the_plain_port(
    tmp_path: Path, values: dict[str, Any], verdict: Verdict, words: str
) -> None:
    found = ports(make_settings(tmp_path, **values))
    assert found["plain port"].verdict is verdict
    assert words in found["plain port"].words
    assert found["TLS port"] == Check("TLS port", Verdict.OK, "off")


def test_a_closed_plain_port_is_well(tmp_path: Path, papers: Papers) -> None:
    found = ports(make_settings(tmp_path, plain=False, tls=door_settings(papers)))
    assert found["plain port"] == Check("plain port", Verdict.OK, "closed")
    # The certificates of the tests are good for two days.
    assert found["TLS port"].verdict is Verdict.REMARK
    assert "our certificate is good for 1 days" in found["TLS port"].words


def test_a_certificate_that_is_good_for_long_is_well(tmp_path: Path, papers: Papers) -> None:
    certificate = papers.authority.issue("long", "IP:127.0.0.1", days=400)
    door = door_settings(papers, certificate_file=certificate, key_file=key_of(certificate))
    found = ports(make_settings(tmp_path, tls=door))["TLS port"]
    assert found.verdict is Verdict.OK
    assert "good for 399 days, until 20" in found.words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("expired", "expired on 20"),
        ("other key", "mismatch); a gateway that runs goes on"),
        ("no key", "No such file"),
        ("open key", "mode 0644: others may use the key"),
        ("no authority", "ca_file cannot be used"),
    ],
)
def test_what_is_wrong_with_our_certificate(
    tmp_path: Path, papers: Papers, wrong: str, words: str
) -> None:
    expired = papers.authority.issue("expired-own", "IP:127.0.0.1", days=-1)
    open_key = tmp_path / "open.key"
    open_key.write_bytes(key_of(papers.listener).read_bytes())
    open_key.chmod(0o644)
    changes: dict[str, dict[str, Path]] = {
        "expired": {"certificate_file": expired, "key_file": key_of(expired)},
        "other key": {"key_file": key_of(papers.room)},
        "no key": {"key_file": tmp_path / "none"},
        "open key": {"key_file": open_key},
        "no authority": {"ca_file": tmp_path / "none"},
    }
    found = ports(make_settings(tmp_path, tls=door_settings(papers, **changes[wrong])))["TLS port"]
    assert found.verdict is Verdict.WRONG
    assert words in found.words


def peer(papers: Papers, protocol: str = "dicom", **changes: Any) -> Address:
    """Give a peer of TLS."""
    files: dict[str, Any] = {
        "tls": True,
        "tls_ca_file": str(papers.authority.certificate),
        "tls_certificate_file": str(papers.room),
        "tls_key_file": str(key_of(papers.room)),
    }
    return Address(1, "pacs", protocol, "127.0.0.1", 104, "PACS", **(files | changes))


def test_the_files_for_a_peer(tmp_path: Path, papers: Papers) -> None:
    plain, door = make_settings(tmp_path), make_settings(tmp_path, tls=door_settings(papers))
    bare = {"tls_certificate_file": "", "tls_key_file": ""}
    assert peer_files_check(peer(papers, tls=False), plain) is None
    well = peer_files_check(peer(papers, **bare), door)
    assert well is not None
    assert well.verdict is Verdict.OK
    assert well.words.endswith("we show no certificate")
    mute = peer_files_check(peer(papers, **bare), plain)
    assert mute is not None
    assert (mute.verdict, "cannot call us" in mute.words) == (Verdict.REMARK, True)
    message = peer_files_check(peer(papers, "hl7", **bare), plain)
    assert message is not None
    assert message.verdict is Verdict.OK
    for wrong in (
        {"tls_ca_file": "/nowhere.pem"},
        {"tls_key_file": str(key_of(papers.listener))},
        {"tls_certificate_file": "/nowhere.pem"},
    ):
        bad = peer_files_check(peer(papers, **wrong), door)
        assert bad is not None
        assert bad.verdict is Verdict.WRONG


def test_a_peer_that_must_show_a_certificate_and_has_no_port_for_it(
    tmp_path: Path, papers: Papers
) -> None:
    plain, door = make_settings(tmp_path), make_settings(tmp_path, tls=door_settings(papers))
    named = Peer(name="room1", tls=False, certificate_names=["room1"])
    found = calls_check(named, plain)
    assert found is not None
    assert (found.verdict, "cannot call us" in found.words) == (Verdict.REMARK, True)
    assert calls_check(named, door) is None
    assert calls_check(Peer(name="room1", tls=False, certificate_names=[]), plain) is None


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Give the JSON object that a command printed between the lines of the listener's log."""
    (line,) = (one for one in capsys.readouterr().out.splitlines() if one.startswith("{"))
    found: dict[str, Any] = json.loads(line)
    return found


def test_peers_are_echoed_over_tls_and_none_that_lies_elsewhere(
    tmp_path: Path, papers: Papers, capsys: pytest.CaptureFixture[str]
) -> None:
    """The peer is our own listener, which lets us in as ourselves."""
    with open_tls_edge(tmp_path, papers) as edge:
        files = {
            "ae_title": "FIRSTREAD",
            "port": edge.listener.tls_port,
            "tls": True,
            "tls_ca_file": str(papers.authority.certificate),
        }
        shown = {
            "tls_certificate_file": str(papers.room),
            "tls_key_file": str(key_of(papers.room)),
        }
        add_peer(edge.db, "pacs", **files, **shown)
        add_peer(edge.db, "shows-nothing", **files)
        add_peer(edge.db, "elsewhere", host="8.8.8.8")
        path = tmp_path / "firstread.toml"
        path.write_text(f'data = "{edge.settings.data}"\n[gateway]\nhost = "127.0.0.1"\n')
        assert not echo(path, as_json=True)
        answers = printed(capsys)["peers"]
        checks = {check.name: check for check in _peers(load_settings(path))}
    assert str(answers["pacs"]).startswith("ok")
    assert "does not take our certificate" in str(answers["shows-nothing"])
    assert "(network.outbound)" in str(answers["elsewhere"])
    assert checks["peer elsewhere"].verdict is Verdict.WRONG
    assert "(network.outbound)" in checks["peer elsewhere"].words
    assert checks["TLS with pacs"].verdict is Verdict.REMARK
