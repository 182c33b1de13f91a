"""A FirstRead of its own in either of its two forms, and archives that take its results."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.settings import Settings, load_settings
from db.engine import Database
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.upgrade import upgrade
from evaluation.running import forget_environment, running_first_read
from evaluation.servers.postgres import postgres
from evaluation.servers.redis import RedisServer

CALLING_AE: Final = "XRAY_ROOM"
_SETTINGS: Final = """\
data = {data}

[database]
{database}

[broker]
{broker}

[gateway]
host = "127.0.0.1"
port = 0
allowed_ae_titles = ["{calling}"]
study_idle_seconds = {idle}

[web]
enabled = false

[spool]
reserve_bytes = 100000000
maximum_used_percent = 100.0

{more}
"""


class Form(StrEnum):
    """The two ways to run."""

    EMBEDDED = "embedded"
    """SQLite, rings over the file system."""
    HOSPITAL = "hospital"
    """PostgreSQL and Redis."""


@dataclass(frozen=True, slots=True)
class House:
    """A running installation.

    Parameters
    ----------
    settings_file, settings
        What it runs with, as a file and as they were read from it.
    port
        Of its DICOM listener on 127.0.0.1.
    log
        What its processes write to their standard streams.
    """

    settings_file: Path
    settings: Settings
    port: int
    log: Path


def archive(name: str, ae_title: str, port: int) -> PeerEntry:
    """Give the entry of an archive on this machine that takes every result, a demo's too."""
    return PeerEntry(
        name=name,
        ae_title=ae_title,
        host="127.0.0.1",
        port=port,
        takes_results=True,
        accepts_demo=True,
    )


@contextmanager
def house(
    folder: Path,
    form: Form,
    peers: Sequence[PeerEntry],
    *,
    idle_seconds: float = 0.0,
    more: str = "",
) -> Iterator[House]:
    """Run an installation, as `firstread up` does, until the context ends.

    Parameters
    ----------
    folder
        A new folder for everything that it keeps.
    form
        Which of its two forms.
    peers
        Whom it delivers to.
    idle_seconds
        Quiet time of a study before its results are built.
    more
        Further sections of the settings, as TOML.

    Raises
    ------
    FirstReadError
        If it does not come to listen, or a program is missing.
    """
    folder.mkdir(parents=True)
    forget_environment()
    with contextlib.ExitStack() as opened:
        database = broker = ""
        if form is Form.HOSPITAL:
            database = f"url = {json.dumps(opened.enter_context(postgres()).new_database())}"
            redis = RedisServer(folder)
            redis.start()
            opened.callback(redis.stop)
            broker = f"url = {json.dumps(redis.url)}"
        file = folder / "firstread.toml"
        text = _SETTINGS.format(
            data=json.dumps(str(folder / "data")),
            database=database,
            broker=broker,
            calling=CALLING_AE,
            idle=float(idle_seconds),
            more=more,
        )
        file.write_text(text, encoding="utf-8")
        settings = load_settings(file)
        settings.data.mkdir(parents=True)
        upgrade(settings.database_url)
        know(settings, peers)
        log = folder / "firstread.log"
        port = opened.enter_context(running_first_read(file, settings, log))
        yield House(file, settings, port, log)


def know(settings: Settings, peers: Sequence[PeerEntry]) -> None:
    """Enter peers into an installation's database."""
    db = Database(settings.database_url)
    with db.write() as session:
        for peer in peers:
            save_peer(session, peer)
    db.close()
