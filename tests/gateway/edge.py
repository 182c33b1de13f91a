"""A listener with its database and spool, for tests."""

import functools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import select

from core.policy_toml import built_in
from core.settings import (
    DatabaseSettings,
    DeliverySettings,
    GatewaySettings,
    Settings,
    SpoolSettings,
)
from db.engine import Database
from db.models import Instance, Job, Peer, Quarantine
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.policies import import_policy
from db.spool import Spool
from db.upgrade import upgrade
from gateway.listener import Listener


@dataclass
class Edge:
    """A running listener and what lies behind it."""

    settings: Settings
    db: Database
    spool: Spool
    listener: Listener
    rung: Event = field(default_factory=Event)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.listener.port

    def instances(self) -> list[Instance]:
        """All instances, oldest first."""
        with self.db.read() as session:
            return list(session.scalars(select(Instance).order_by(Instance.id)))

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        with self.db.read() as session:
            return list(session.scalars(select(Job).order_by(Job.id)))

    def quarantine(self) -> list[Quarantine]:
        """All objects that were kept aside, oldest first."""
        with self.db.read() as session:
            return list(session.scalars(select(Quarantine).order_by(Quarantine.id)))

    @property
    def empty(self) -> bool:
        """Whether nothing came of what was sent: no instance, no job, no temporary file."""
        return not (self.instances() or self.jobs() or self.leftovers())

    def leftovers(self) -> list[Path]:
        """Temporary files of the spool."""
        return list((self.spool.folder / "incoming").iterdir())


def make_settings(
    folder: Path, *, url: str | None = None, reserve_bytes: int = 0, **gateway: Any
) -> Settings:
    """Settings of an installation in a folder, listening on a free port of 127.0.0.1."""
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 0,
        "allowed_ae_titles": ("DCMTK",),
        "network_timeout": 10.0,
        "study_idle_seconds": 0.0,
    }
    return Settings(
        data=folder,
        database=DatabaseSettings(url=url),
        spool=SpoolSettings(reserve_bytes=reserve_bytes),
        gateway=GatewaySettings(**(values | gateway)),
        delivery=DeliverySettings(
            first_retry_seconds=0.2,
            longest_retry_seconds=1.0,
            network_timeout=5.0,
            poll_seconds=0.05,
        ),
    )


@functools.cache
def _empty_database() -> bytes:
    """The bytes of a SQLite database without a film; making one takes a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        url = f"sqlite:///{path}"
        upgrade(url)
        _read_films_of_any_age(url)
        return path.read_bytes()


def _read_films_of_any_age(url: str) -> None:
    """Put a policy in force for the films of the tests, which bear dates of any year."""
    db = Database(url)
    with db.write() as session:
        import_policy(session, built_in().policy.of_any_age())
    db.close()


def prepare_database(settings: Settings) -> None:
    """Make an installation's database, if it has none; its policy reads films of any age."""
    if not settings.embedded:
        upgrade(settings.database_url)
        _read_films_of_any_age(settings.database_url)
    elif not (settings.data / "firstread.db").exists():
        settings.data.mkdir(parents=True, exist_ok=True)
        (settings.data / "firstread.db").write_bytes(_empty_database())


@contextmanager
def open_edge(
    folder: Path,
    *,
    url: str | None = None,
    reserve_bytes: int = 0,
    ring: Callable[[], None] | None = None,
    **gateway: Any,
) -> Iterator[Edge]:
    """Run a listener."""
    settings = make_settings(folder, url=url, reserve_bytes=reserve_bytes, **gateway)
    prepare_database(settings)
    db = Database(settings.database_url)
    spool = Spool(settings.spool_folder, settings.spool.reserve_bytes)
    rung = Event()
    try:
        with Listener(settings, db, spool, ring or rung.set, patience=1.0) as listener:
            yield Edge(settings, db, spool, listener, rung)
    finally:
        db.close()


def add_peer(db: Database, name: str, **values: Any) -> int:
    """Enter a peer, and give its row's number."""
    facts: dict[str, Any] = {
        "ae_title": name.upper(),
        "host": "127.0.0.1",
        "port": 104,
        "takes_results": False,
    }
    with db.write() as session:
        peer: Peer = save_peer(session, PeerEntry(name=name, **(facts | values)))
        return peer.id
