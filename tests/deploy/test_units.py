"""The systemd units are well formed and closed to the world, and start commands that exist.

They are checked by systemd's own verifier; that they run is not, since tests have no systemd.
"""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import typer.main

import firstread
from db.rights import Role
from tests.peers.programs import program

_UNITS = sorted((Path(__file__).parents[2] / "deploy" / "systemd").glob("*.service"))
_INSTALLED = "/opt/firstread/.venv/bin/firstread"


@pytest.fixture(params=_UNITS, ids=lambda path: path.name)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a unit whose program is there, as the verifier wants it."""
    source: Path = request.param
    there = shutil.which("true")
    assert there is not None
    copy = tmp_path / source.name
    copy.write_text(source.read_text().replace(_INSTALLED, there))
    return copy


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("systemd-analyze", "systemd"), "--no-pager", *arguments],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_there_is_a_unit_for_each_service() -> None:
    names = {path.stem.removeprefix("firstread-").rstrip("@") for path in _UNITS}
    assert names == {"gateway", "deliver", "worker", "web"}


def test_the_verifier_finds_nothing(unit: Path) -> None:
    done = _analyze("verify", unit)
    assert (done.returncode, done.stdout) == (0, "")


def test_little_is_exposed(unit: Path) -> None:
    """On systemd's scale of 0 to 10, tenfold; a service without any hardening has 9.6."""
    done = _analyze("security", "--offline=true", "--threshold=20", unit)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.name)
def test_it_has_its_own_role_and_password(path: Path) -> None:
    role = Role(path.stem.removeprefix("firstread-").rstrip("@"))
    lines = path.read_text().splitlines()
    assert "UMask=0077" in lines
    assert "StateDirectoryMode=0700" in lines
    assert f"LoadCredential=database:/etc/firstread/secrets/{role}" in lines
    assert "Environment=FIRSTREAD_DATABASE__PASSWORD_FILE=%d/database" in lines
    url = f"postgresql+psycopg://firstread_{role}@localhost/firstread"
    assert f"Environment=FIRSTREAD_DATABASE__URL={url}" in lines
    assert sum("LoadCredential" in line for line in lines) == 1


@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.name)
def test_it_starts_a_command_of_the_front_door(path: Path) -> None:
    (line,) = [line for line in path.read_text().splitlines() if line.startswith("ExecStart=")]
    executable, command = shlex.split(line.removeprefix("ExecStart="))
    assert executable == _INSTALLED
    group = typer.main.get_command(firstread.app)
    assert isinstance(group, typer.core.TyperGroup)
    assert command in group.commands
