"""What an administrator calls: db, peers, status, doctor, model check, phantom.

Covered: a fresh embedded installation and what each command says of it, as a table and as JSON.
"""

import json
import socket
from pathlib import Path

import pytest
from pydicom import dcmread

from gateway.archive import Archive
from reader.model_folder import DEMO_MODEL
from tests.commands.shell import firstread


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "firstread.toml"
    path.write_text(f'data = "{tmp_path / "data"}"\n[spool]\nreserve_bytes = 1\n')
    run = firstread("--settings", str(path), "db", "upgrade")
    assert run.returncode == 0, run.stderr
    return path


def _peers_file(folder: Path, port: int) -> Path:
    path = folder / "peers.toml"
    path.write_text(
        f'[[peer]]\nname = "pacs"\nae_title = "ARCHIVE"\nhost = "127.0.0.1"\nport = {port}\n'
        "takes_results = true\n"
    )
    return path


def test_peers_come_in_and_go_out_and_answer(settings: Path, tmp_path: Path) -> None:
    with Archive(tmp_path / "archive") as archive:
        file = _peers_file(tmp_path, archive.port)
        assert firstread("--settings", str(settings), "peers", "import", str(file)).returncode == 0
        exported = firstread("--settings", str(settings), "peers", "export").stdout
        assert f"port = {archive.port}" in exported
        echo = firstread("--settings", str(settings), "peers", "echo", "--json")
        assert (echo.returncode, json.loads(echo.stdout)) == (0, {"peers": {"pacs": "ok"}})
    gone = firstread("--settings", str(settings), "peers", "echo", "--json")
    assert gone.returncode == 1
    assert json.loads(gone.stdout)["peers"]["pacs"] != "ok"


def test_a_reporting_system_is_connected_to(settings: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        file = tmp_path / "peers.toml"
        file.write_text(
            '[[peer]]\nname = "ris"\nprotocol = "hl7"\nhost = "127.0.0.1"\n'
            f"port = {listening.getsockname()[1]}\ntakes_results = true\n"
        )
        assert firstread("--settings", str(settings), "peers", "import", str(file)).returncode == 0
        echo = firstread("--settings", str(settings), "peers", "echo", "--json")
        checks = firstread("--settings", str(settings), "doctor", "--json").stdout
    seen = "takes connections, unencrypted; no message was sent"
    assert (echo.returncode, json.loads(echo.stdout)) == (0, {"peers": {"ris": f"ok: {seen}"}})
    words = {row["check"]: row["words"] for row in json.loads(checks)["checks"]}
    assert words["peer ris"] == seen
    gone = firstread("--settings", str(settings), "peers", "echo", "--json")
    assert gone.returncode == 1
    assert "no connection" in json.loads(gone.stdout)["peers"]["ris"]


@pytest.mark.parametrize(
    ("key", "value"), [("name", "\\u001b[31mred"), ("host", "pacs..hospital"), ("host", "a b")]
)
def test_a_peer_that_cannot_be_is_refused(
    settings: Path, tmp_path: Path, key: str, value: str
) -> None:
    file = _peers_file(tmp_path, 104)
    text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith(key))
    file.write_text(f'{text}\n{key} = "{value}"\n')
    run = firstread("--settings", str(settings), "peers", "import", str(file))
    assert run.returncode == 3
    assert key in run.stderr
    assert "\x1b" not in run.stderr


def test_a_port_in_use_is_one_line(settings: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = f'{settings.read_text()}[gateway]\nhost = "127.0.0.1"\nport = {port}\n'
        settings.write_text(text)
        run = firstread("--settings", str(settings), "gateway")
    assert run.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:1/notanumber",
        pytest.param("http://x", marks=pytest.mark.slow),
        pytest.param("nonsense", marks=pytest.mark.slow),
    ],
)
def test_doctor_survives_a_broker_that_cannot_be(settings: Path, url: str) -> None:
    settings.write_text(f'{settings.read_text()}[broker]\nurl = "{url}"\n')
    run = firstread("--settings", str(settings), "doctor", "--json")
    verdicts = {row["check"]: row["verdict"] for row in json.loads(run.stdout)["checks"]}
    assert (run.returncode, verdicts["broker"]) == (1, "wrong")


def test_status_of_an_idle_installation(settings: Path) -> None:
    run = firstread("--settings", str(settings), "status", "--json")
    values = json.loads(run.stdout)
    assert run.returncode == 1
    assert values["troubles"] == ["no worker is alive"]
    assert values["films"] == {}
    table = firstread("--settings", str(settings), "status")
    assert "no worker is alive" in table.stdout


def test_status_without_a_database_cannot_run(tmp_path: Path) -> None:
    path = tmp_path / "firstread.toml"
    path.write_text(f'data = "{tmp_path / "none"}"\n')
    run = firstread("--settings", str(path), "status", "--json")
    assert (run.returncode, run.stdout) == (3, "")
    assert "database" in run.stderr


def test_doctor_names_what_is_wrong(settings: Path, tmp_path: Path) -> None:
    firstread(
        "--settings", str(settings), "peers", "import", str(_peers_file(tmp_path, _closed_port()))
    )
    run = firstread("--settings", str(settings), "doctor", "--json")
    verdicts = {row["check"]: row["verdict"] for row in json.loads(run.stdout)["checks"]}
    assert run.returncode == 1
    assert verdicts["peer pacs"] == "wrong"
    assert {verdicts[part] for part in ("database", "spool", "broker", "model")} == {"ok"}


def test_doctor_without_a_schema_and_with_broken_codes_says_what_to_do(tmp_path: Path) -> None:
    path, codes = tmp_path / "firstread.toml", tmp_path / "codes.toml"
    (tmp_path / "data").mkdir()
    codes.write_text("[labels.pnuemonia]\n")
    path.write_text(f'data = "{tmp_path / "data"}"\n[site]\ncodes = "{codes}"\n')
    run = firstread("--settings", str(path), "doctor", "--json")
    words = {row["check"]: row["words"] for row in json.loads(run.stdout)["checks"]}
    assert "db upgrade" in words["database"]
    assert f"{codes}: labels.pnuemonia: no such word" in words["words and codes"]


def test_what_a_peer_refused_is_sent_again(settings: Path) -> None:
    command = ("--settings", str(settings), "peers", "resend")
    run = firstread(*command, "nobody")
    assert run.returncode == 2
    assert "no peer is called nobody" in run.stderr
    exported = settings.parent / "some.toml"
    exported.write_text(
        '[[peer]]\nname = "pacs"\nae_title = "PACS"\nhost = "127.0.0.1"\nport = 104\n'
    )
    assert firstread("--settings", str(settings), "peers", "import", str(exported)).returncode == 0
    run = firstread(*command, "pacs", "--json")
    assert json.loads(run.stdout) == {"peer": "pacs", "again": 0, "overtaken": 0, "removed": 0}
    assert firstread(*command, "pacs", "--study", "9.9").returncode == 2


@pytest.mark.slow
def test_the_demo_model_has_a_card() -> None:
    run = firstread("model", "check", str(DEMO_MODEL), "--json")
    card = json.loads(run.stdout)
    assert run.returncode == 0, run.stderr
    assert card["demo"] is True
    assert card["passed"] is True


@pytest.mark.slow
def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    run = firstread("model", "check", str(tmp_path))
    assert run.returncode == 3
    assert "config.json" in run.stderr


@pytest.mark.slow
def test_phantoms_have_their_truth_beside_them(tmp_path: Path) -> None:
    arguments = ("--count", "2", "--seed", "5", "--finding", "Lung_Lesion", "--json")
    runs = [firstread("phantom", "--out", str(tmp_path / name), *arguments) for name in "ab"]
    first, again = (json.loads(run.stdout)["films"] for run in runs)
    assert [film["sop_instance_uid"] for film in first] == [
        film["sop_instance_uid"] for film in again
    ]
    for film in first:
        assert "lung lesion" in film["labels"]
        path = tmp_path / "a" / film["file"]
        assert dcmread(path).SOPInstanceUID == film["sop_instance_uid"]
        assert json.loads(path.with_suffix(".json").read_text()) == film
        assert dcmread(path).PixelData == dcmread(tmp_path / "b" / film["file"]).PixelData


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
