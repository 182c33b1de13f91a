"""The front door: help, exit codes and what it imports.

Covered: every subcommand has help, `--help` is quick and imports neither torch nor pynetdicom,
wrong arguments end with 2 and errors of ours with 3 and one line. What the subcommands do is
covered by the tests beside this one.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.shell import firstread

COMMANDS = [
    ["up"],
    ["demo"],
    ["gateway"],
    ["deliver"],
    ["worker"],
    ["read"],
    ["chat"],
    ["status"],
    ["doctor"],
    ["phantom"],
    ["evaluate"],
    ["model", "check"],
    ["model", "calibrate"],
    ["db", "upgrade"],
    ["peers", "import"],
    ["peers", "export"],
    ["peers", "echo"],
    ["jobs", "list"],
    ["jobs", "retry"],
    ["jobs", "cancel"],
    ["retention"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: list[str]) -> None:
    run = firstread(*command, "--help")
    assert run.returncode == 0
    assert "Usage:" in run.stdout


def test_help_is_quick() -> None:
    # The best of three, since what else the machine does is not the front door's doing.
    best = min(_seconds_of_help() for _ in range(3))
    assert best < 0.5


def _seconds_of_help() -> float:
    started = time.perf_counter()
    assert firstread("--help").returncode == 0
    return time.perf_counter() - started


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, firstread\n"
        "heavy = {'torch', 'transformers', 'pynetdicom', 'highdicom', 'sqlalchemy', 'celery'}\n"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or None)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_wrong_arguments_end_with_2(tmp_path: Path) -> None:
    assert (
        firstread("phantom", "--out", str(tmp_path), "--count", "0", "--seed", "1").returncode == 2
    )
    assert firstread("read", str(tmp_path / "missing.dcm"), "--out", "x").returncode == 2
    assert firstread("no-such-command").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["send", "PIPE", "--to", "PACS@127.0.0.1:1"],
        ["read", "PIPE", "--out", "OUT"],
        ["policy", "explain", "PIPE"],
        ["policy", "import", "PIPE"],
        ["policy", "import", "/dev/null"],
    ],
    ids=" ".join,
)
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path, arguments: list[str]) -> None:
    os.mkfifo(tmp_path / "PIPE")
    places = {"PIPE": str(tmp_path / "PIPE"), "OUT": str(tmp_path / "OUT")}
    run = firstread(*(places.get(one, one) for one in arguments), timeout=20.0)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "a pipe or a device" in run.stderr


def test_an_error_of_ours_is_one_line_and_3(tmp_path: Path) -> None:
    settings = tmp_path / "firstread.toml"
    settings.write_text("[gateway]\nport = 'eleven'\nae_titel = 'X'\n")
    run = firstread("--settings", str(settings), "status")
    assert run.returncode == 3
    assert run.stderr.count("\n") == 1
    assert "gateway.port" in run.stderr
    assert "gateway.ae_titel" in run.stderr


def test_a_missing_settings_file_is_named(tmp_path: Path) -> None:
    run = firstread("--settings", str(tmp_path / "none.toml"), "db", "upgrade")
    assert run.returncode == 3
    assert "none.toml" in run.stderr


def test_an_unknown_finding_names_the_known_ones(tmp_path: Path) -> None:
    run = firstread(
        "phantom", "--out", str(tmp_path), "--count", "1", "--seed", "1", "--finding", "gout"
    )
    assert run.returncode == 3
    assert "pneumothorax" in run.stderr
