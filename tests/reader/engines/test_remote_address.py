"""Where a connection to an endpoint may go, and what its options must be.

Not covered: TLS with a real certificate.
"""

import socket
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from core.errors import EngineAwayError, SettingsError
from reader.engines.remote_client import RemoteClient
from reader.engines.remote_line import Line
from reader.engines.remote_options import RemoteOptions
from reader.protocol import ignore
from reader.remote_reader import load_remote_reader
from tests.reader.engines.endpoints import QUESTION, WELL, ask, endpoint, says


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with endpoint(WELL) as other:
        act = says(status, f"Location: {other.url}/v1/chat/completions")
        with endpoint(act) as served, pytest.raises(EngineAwayError, match="redirect"):
            ask(served.url)
        assert len(served.requests) == 1
    assert other.requests == []


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(WELL) as proxy, endpoint(WELL) as served:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert ask(served.url).text == "All clear."
    assert proxy.requests == []
    assert len(served.requests) == 1


def _resolving(monkeypatch: pytest.MonkeyPatch, answers: Sequence[Sequence[str]]) -> list[str]:
    """Have names resolve to each of some answers in turn, and note which were asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_options: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("core.outbound.socket.getaddrinfo", resolve)
    return asked


@pytest.fixture
def _no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, address: tuple[str, int]) -> None:
        raise AssertionError(address)

    monkeypatch.setattr("core.outbound.socket.socket.connect", refuse)


@pytest.mark.usefixtures("_no_connections")
@pytest.mark.parametrize(
    "found",
    [["8.8.8.8"], ["10.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::ffff:8.8.8.8"], ["fe80::1%1"]],
)
def test_an_address_outside_the_networks_is_never_called(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    asked = _resolving(monkeypatch, [found])
    options = RemoteOptions(
        url="http://gpu.hospital:8000",
        model="m",
        family="radvlm",
        networks=(ip_network("192.168.0.0/16"),),
        retries=0,
    )
    with pytest.raises(SettingsError, match=r"worker\.remote\.networks"):
        load_remote_reader(options)
    with pytest.raises(EngineAwayError, match="in none of the networks"):
        RemoteClient(options).complete(QUESTION, 5, ignore, Line())
    assert set(asked) == {"gpu.hospital"}


def test_a_name_that_comes_to_mean_another_address_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Rebinding: allowed when it is looked at, elsewhere a moment later. It is looked up once for
    # each connection, and the connection goes to what was looked at.
    called: list[str] = []
    connect = socket.socket.connect

    def note(self: socket.socket, address: tuple[str, int]) -> None:
        called.append(address[0])
        connect(self, address)

    with endpoint(WELL) as served:
        port = int(served.url.rpartition(":")[2])
        asked = _resolving(monkeypatch, [["127.0.0.1"], ["8.8.8.8"]])
        monkeypatch.setattr("core.outbound.socket.socket.connect", note)
        assert ask(f"http://gpu.hospital:{port}").text == "All clear."
        with pytest.raises(EngineAwayError, match="in none of the networks"):
            ask(f"http://gpu.hospital:{port}", retries=0)
    assert (called, asked) == (["127.0.0.1"], ["gpu.hospital"] * 2)
    assert f"Host: gpu.hospital:{port}".encode() in served.requests[0]


def test_the_key_is_sent_and_never_shown(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret\n")
    key.chmod(0o600)
    with endpoint(WELL, says("401 No")) as served:
        ask(served.url, api_key_file=key)
        with pytest.raises(EngineAwayError) as caught:
            ask(served.url, api_key_file=key)
    assert b"Authorization: Bearer s3cret\r\n" in served.requests[0]
    assert "s3cret" not in str(caught.value)
    client = RemoteClient(RemoteOptions("http://127.0.0.1", "m", "radvlm", api_key_file=key))
    assert "s3cret" not in repr(client)


@pytest.mark.parametrize("content", ["", "two keys", "a\nb", "k\u00e9y"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    key = tmp_path / "key"
    key.write_text(content)
    key.chmod(0o600)
    with pytest.raises(SettingsError, match=r"must hold .* and nothing else"):
        ask("http://127.0.0.1", api_key_file=key)
    with pytest.raises(SettingsError, match="cannot be read"):
        ask("http://127.0.0.1", api_key_file=tmp_path / "none")


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o640])
def test_a_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret\n")
    key.chmod(mode)
    with pytest.raises(SettingsError, match=f"mode {mode:04o}") as caught:
        ask("http://127.0.0.1:1", api_key_file=key)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "gpu:8000", "ftp://gpu", "http://", "http://u:p@gpu", "http://gpu?x=1", "http://gpu:0",
     "http://gpu:x", "http://g pu", "http://gpu/#a", "http://gpu\r\nX: y"],
)  # fmt: skip
def test_an_odd_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="URL"):
        RemoteOptions(url=url, model="m", family="radvlm")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://gpu", "/v1"),
        ("http://gpu/", "/v1"),
        ("http://gpu/v1/", "/v1"),
        ("http://gpu/llm", "/llm/v1"),
        ("https://[::1]:8443/llm/v1", "/llm/v1"),
    ],
)
def test_a_url_may_leave_its_version_out(url: str, path: str) -> None:
    assert RemoteOptions(url=url, model="m", family="radvlm").endpoint.path == path
