"""A hospital's installation of FirstRead: the commands as processes, set up as its manual says."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from core.policy_toml import built_in, toml_of
from core.port_file import read_port
from core.settings import Settings, load_settings
from db.engine import Database
from tests.waiting import wait_until

_ROOT = Path(__file__).parents[2]
_SETTINGS = """\
data = "{folder}/data"

[database]
url = "{database_url}"

[broker]
url = "{broker_url}"

[gateway]
host = "127.0.0.1"
port = 0
study_idle_seconds = 0.2

[web]
enabled = false

[delivery]
first_retry_seconds = 0.2
"""
_PEERS = """\
[[peer]]
name = "xray-room"
ae_title = "DCMTK"
host = "127.0.0.1"
port = 104
sends_films = true

[[peer]]
name = "pacs"
ae_title = "{ae_title}"
host = "127.0.0.1"
port = {port}
takes_results = true
accepts_demo = true
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running installation.

    Parameters
    ----------
    settings
        What it runs with.
    db
        Its database.
    port
        Where its gateway listens.
    """

    settings: Settings
    db: Database
    port: int


@contextmanager
def installation(
    folder: Path,
    *,
    database_url: str,
    broker_url: str,
    pacs_ae: str,
    pacs_port: int,
    prefix: str | None = None,
) -> Iterator[Installation]:
    """Set up an installation and run its gateway, delivery and worker.

    With a prefix each of them uses the database under its own role, which is made first.
    """
    file = folder / "firstread.toml"
    file.write_text(
        _SETTINGS.format(folder=folder, database_url=database_url, broker_url=broker_url)
    )
    peers = folder / "peers.toml"
    peers.write_text(_PEERS.format(ae_title=pacs_ae, port=pacs_port))
    _run(file, "db", "upgrade")
    _run(file, "peers", "import", str(peers))
    policy = folder / "policy.toml"
    policy.write_text(toml_of(built_in().policy.of_any_age()))
    _run(file, "policy", "import", str(policy))
    if prefix is not None:
        _run(file, "db", "roles", "--apply", "--prefix", prefix)
    settings = load_settings(file)
    db = Database(settings.database_url)
    with ExitStack() as stack:
        stack.callback(db.close)
        for name in ("gateway", "deliver", "worker"):
            url = database_url if prefix is None else url_of(database_url, f"{prefix}_{name}")
            stack.enter_context(_service(file, name, folder / f"{name}.log", url))
        wait_until(lambda: read_port(settings.data) is not None, 90.0, "the gateway to listen")
        port = read_port(settings.data)
        assert port is not None
        yield Installation(settings, db, port)


def url_of(database_url: str, role: str) -> str:
    """Give the URL of a database under another role; the tests' server asks for no password."""
    return make_url(database_url).set(username=role).render_as_string(hide_password=False)


def _command(file: Path, *arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", "firstread", "--settings", str(file), *arguments)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_ROOT)}


def _run(file: Path, *arguments: str) -> None:
    run = subprocess.run(
        _command(file, *arguments), capture_output=True, text=True, check=False, env=_environment()
    )
    assert run.returncode == 0, run.stderr


@contextmanager
def _service(file: Path, name: str, log: Path, url: str) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(file, name),
            stdout=output,
            stderr=output,
            env={**_environment(), "FIRSTREAD_DATABASE__URL": url},
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60.0)
        finally:
            process.kill()
            process.wait()
