"""The Compose file is well formed, and fits the commands, the settings and the recipe.

No image is built and nothing is started: that needs a container engine, which tests do not have.
"""

import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main
import yaml  # type: ignore[import-untyped]
from sqlalchemy import make_url, text

import firstread
from core.settings import load_settings
from db.engine import Database
from db.rights import OWNER, Role
from tests.peers.postgres import PostgresServer

_DEPLOY = Path(__file__).parents[2] / "deploy"
_ROLES = {
    "upgrade": "owner",
    "admin": "owner",
    "gateway": "gateway",
    "deliver": "deliver",
    "worker": "worker",
    "worker-cpu": "worker",
    "web": "web",
}
"""Under which role of the database each of our services works."""
_OURS = set(_ROLES)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file with its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())
    return loaded


def test_every_service_of_ours_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == _OURS | {"postgres", "redis"}


@pytest.mark.parametrize("name", sorted(_OURS))
def test_a_service_runs_a_command_that_exists(compose: dict[str, Any], name: str) -> None:
    command: Any = typer.main.get_command(firstread.app)
    for word in compose["services"][name]["command"]:
        command = command.commands[word]
    assert not isinstance(command, typer.core.TyperGroup)


@pytest.mark.parametrize("name", sorted(_OURS))
def test_a_service_gets_settings_that_fit(
    compose: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = compose["services"][name]
    monkeypatch.setattr("core.secret_url.read_secret", lambda path, _setting: path.name)
    for key, value in service["environment"].items():
        monkeypatch.setenv(key, value)
    settings = load_settings(_DEPLOY / "firstread.toml")
    role = _ROLES[name]
    login = f"firstread_{role}:{role}_password"
    assert settings.database_url == f"postgresql+psycopg://{login}@postgres/firstread"
    assert settings.database.password_file == Path(f"/run/secrets/{role}_password")
    assert f"{role}_password" in service["secrets"]
    if name in {"gateway", "worker", "worker-cpu"}:
        assert settings.broker_url == "redis://:redis_password@redis:6379/0"
        assert "redis_password" in service["secrets"]
    mounted = [volume.split(":")[1] for volume in compose["services"][name]["volumes"]]
    assert str(settings.data) in mounted
    assert settings.spool_folder.is_relative_to(settings.data)


def test_a_service_is_given_no_password_but_its_own(compose: dict[str, Any]) -> None:
    for name, role in _ROLES.items():
        given = set(compose["services"][name]["secrets"])
        assert given <= {f"{role}_password", "reader_password", "redis_password"}, name
    for service in compose["services"].values():
        assert set(service["secrets"]) <= set(compose["secrets"])
        told = json.dumps({key: service.get(key) for key in ("command", "environment")})
        assert not re.search(r"PASSWORD(?!_FILE)|[$]\{", told), told


def test_the_roles_are_made_that_are_used() -> None:
    script = (_DEPLOY / "postgres-roles.sh").read_text()
    made = re.findall(r"^for role in (.*); do$", script, re.MULTILINE)
    assert made == [" ".join([OWNER, *Role])]


def test_the_script_makes_roles_with_their_passwords(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = make_url(postgres_server.new_database())
    odd = 'it\'s $HOME \\ `x` "y"'
    for role in (OWNER, *Role):
        (tmp_path / f"{role}_password").write_text(f"{odd}\n")
    script = (_DEPLOY / "postgres-roles.sh").read_text()
    subprocess.run(
        ["sh"],
        input=script.replace("/run/secrets", str(tmp_path)),
        check=True,
        text=True,
        env={
            **os.environ,
            "PGHOST": str(url.host),
            "PGPORT": str(url.port),
            "POSTGRES_USER": str(url.username),
            "POSTGRES_DB": str(url.database),
        },
    )
    db = Database(url.set(username=f"firstread_{OWNER}").render_as_string())
    with db.read() as session:
        assert (
            session.scalar(
                text(
                    "SELECT pg_get_userbyid(datdba) FROM pg_database"
                    " WHERE datname = current_database()"
                )
            )
            == "firstread_owner"
        )
    db.close()
    admin = Database(url.render_as_string())
    with admin.read() as session:
        kept = session.scalars(
            text("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'firstread\\_%'")
        ).all()
    admin.close()
    assert len(kept) == len(Role) + 1
    assert all(_is_of(secret, odd) for secret in kept)


def _is_of(secret: str, password: str) -> bool:
    """Tell whether PostgreSQL's SCRAM secret is a password's (RFC 5802 section 3)."""
    rounds, salt = secret.removeprefix("SCRAM-SHA-256$").split("$")[0].split(":")
    stored = secret.split("$")[2].split(":", maxsplit=1)[0]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(rounds))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return b64decode(stored) == hashlib.sha256(key).digest()


def test_no_container_of_ours_may_do_more_than_it_must(compose: dict[str, Any]) -> None:
    for name in _OURS:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]


def test_services_wait_for_others_that_exist(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in _OURS:
        assert set(services[name]["depends_on"]) <= set(services)


def test_the_extras_of_each_image_exist(compose: dict[str, Any]) -> None:
    metadata = (_DEPLOY.parent / "pyproject.toml").read_text()
    for name in _OURS:
        for extra in compose["services"][name]["build"]["args"]["EXTRAS"].split(","):
            assert re.search(rf"^{extra} = \[", metadata, re.MULTILINE), extra


def test_the_recipe_copies_every_package() -> None:
    kept = (_DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    packages = {path.parent.name for path in _DEPLOY.parent.glob("*/__init__.py")}
    assert {f"!{package}" for package in packages} <= set(kept)


def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed (Debian package docker-compose)")
    lines = (_DEPLOY / "compose.yaml").read_text().splitlines()
    # Compose before its second version has no project name in the file.
    (tmp_path / "compose.yaml").write_text("\n".join(x for x in lines if not x.startswith("name:")))
    done = subprocess.run(
        ["docker-compose", "-f", "compose.yaml", "--profile", "gpu", "config", "--quiet"],
        check=False,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
