"""Whether the gateway's doors could be opened, with real sockets; and that `up` asks first.

Not covered: a port that is taken between the question and the gateway's start.
"""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.up import up
from core.errors import SettingsError
from core.settings import DicomwebSettings, Settings
from evaluation.servers.process import free_port
from gateway.doorstep import check_doors
from tests.gateway.edge import make_settings
from tests.gateway.tls_house import Papers, door_settings


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Somebody who listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def _with_port(folder: Path, papers: Papers, door: str, port: int) -> Settings:
    changes: dict[str, dict[str, Any]] = {
        "plain": {"port": port},
        "tls": {"plain": False, "tls": door_settings(papers, port=port)},
        "http": {},
    }
    settings = make_settings(folder, **changes[door])
    if door != "http":
        return settings
    dicomweb = DicomwebSettings(enabled=True, host="127.0.0.1", port=port)
    return settings.model_copy(update={"dicomweb": dicomweb})


@pytest.mark.parametrize("door", ["plain", "tls", "http"])
def test_a_port_that_is_taken_is_named(
    tmp_path: Path, papers: Papers, taken: socket.socket, door: str
) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(SettingsError, match=f"cannot listen on 127.0.0.1:{port}: Address already"):
        check_doors(_with_port(tmp_path, papers, door, port), patience=0.0)
    check_doors(_with_port(tmp_path, papers, door, free_port()), patience=0.0)


def test_a_port_that_becomes_free_is_waited_for(
    tmp_path: Path, papers: Papers, taken: socket.socket
) -> None:
    settings = _with_port(tmp_path, papers, "plain", taken.getsockname()[1])
    leaves = threading.Timer(0.3, taken.close)
    leaves.start()
    check_doors(settings, patience=20.0)
    leaves.join()


def test_a_connection_of_before_takes_no_port(tmp_path: Path, papers: Papers) -> None:
    """It stays in TIME_WAIT for a minute, at the side that closed first."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()
            assert client.recv(1) == b""
    check_doors(_with_port(tmp_path, papers, "plain", port), patience=0.0)


def test_files_for_tls_that_cannot_be_used_are_named(tmp_path: Path, papers: Papers) -> None:
    door = door_settings(papers, certificate_file=tmp_path / "none.pem")
    with pytest.raises(SettingsError, match="certificate_file"):
        check_doors(make_settings(tmp_path, tls=door), patience=0.0)


def test_up_starts_nothing_where_a_port_is_taken(
    tmp_path: Path, taken: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.doorstep._PATIENCE_SECONDS", 0.0)
    port = taken.getsockname()[1]
    path = tmp_path / "firstread.toml"
    path.write_text(f'data = "{tmp_path}/data"\n[gateway]\nhost = "127.0.0.1"\nport = {port}\n')
    with pytest.raises(SettingsError, match=f"cannot listen on 127.0.0.1:{port}"):
        up(path)
    assert not (tmp_path / "data").exists()
