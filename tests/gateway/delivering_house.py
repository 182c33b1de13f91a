"""An installation that delivers and does not listen: settings, database, spool."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.settings import Settings
from core.states import DeliveryState, JobKind
from db.engine import Database
from db.models import Delivery, Job, Peer
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.spool import Spool
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.outgoing import deliveries
from tests.waiting import wait_until


@dataclass
class House:
    """An installation without a listener."""

    settings: Settings
    db: Database
    spool: Spool

    def peer(self, name: str, port: int, **values: Any) -> int:
        """Add a DICOM peer that takes results."""
        return add_peer(self.db, name, port=port, **({"takes_results": True} | values))

    def ris(self, name: str, port: int, **values: Any) -> None:
        """Add a reporting system, or change the one of that name."""
        entry: dict[str, Any] = {
            "protocol": "hl7",
            "host": "127.0.0.1",
            "port": port,
            "takes_results": True,
            "receiving_application": "RIS",
        }
        with self.db.write() as session:
            save_peer(session, PeerEntry(name=name, **(entry | values)))

    def row(self, name: str) -> Peer:
        """Give a peer's row as it is now."""
        with self.db.read() as session:
            return session.scalars(select(Peer).where(Peer.name == name)).one()

    def of(self, peer: str, *states: DeliveryState) -> list[Delivery]:
        """Give a peer's deliveries, oldest first."""
        return deliveries(self.db, *states, peer=peer)

    def publish_jobs(self) -> list[Job]:
        """Give all publish jobs, oldest first."""
        with self.db.read() as session:
            return list(
                session.scalars(select(Job).where(Job.kind == JobKind.PUBLISH).order_by(Job.id))
            )

    def wait_for(self, count: int, *states: DeliveryState, peer: str | None = None) -> None:
        """Wait until so many deliveries are in one of the states."""
        wait_until(
            lambda: len(deliveries(self.db, *states, peer=peer)) == count,
            30.0,
            f"{count} deliveries to be {states}",
        )


@contextmanager
def delivering_house(folder: Path, **changes: Any) -> Iterator[House]:
    """Open an installation in a folder; `changes` are sections of its settings."""
    settings = make_settings(folder).model_copy(update=changes)
    prepare_database(settings)
    db = Database(settings.database_url)
    yield House(settings, db, Spool(settings.spool_folder, 0))
    db.close()
