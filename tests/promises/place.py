"""A whole hospital's installation whose parts can be broken one by one.

Gateway, delivery and worker are processes of their own with the demonstration model, between
PostgreSQL, Redis, Orthanc and storescp, as the chaos tool sets them up; films are phantoms, sent by
dcmtk. What a test sees of results is what Orthanc lists.
"""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from sqlalchemy import select

from core.states import FilmState
from db.engine import Database
from db.models import Delivery, Instance, Peer, Quarantine
from db.peer_entry import PeerEntry
from db.peers import save_peer
from evaluation.chaos.films import Film
from evaluation.chaos.house import House, running_house
from evaluation.chaos.processes import Kind, processes
from evaluation.chaos.senders import CALLING_AE
from evaluation.chaos.surroundings import Surroundings, surroundings
from tests.peers.dcmtk import storescu
from tests.waiting import wait_until
from training.phantom import sample
from training.phantom_dicom import FilmForm, write_film

_SEED = 51_000
_FORM = FilmForm("DX", "MONOCHROME2", 12, 512)
_RESULTS = 3
"""Objects of a draft at a peer: findings SR, report SR, presentation state."""
SUCCESS, OUT_OF_RESOURCES = 0x0000, 0xA700


@dataclass
class Place:
    """A running installation and its surroundings."""

    folder: Path
    house: House
    around: Surroundings
    db: Database
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def film(self, times: int = 1) -> Film:
        """Write a film of a new patient; each pixel as often as wanted, down and across."""
        truth = write_film(self.folder, sample(_SEED, next(self._numbers)), _FORM)
        film = Film(truth["sop_instance_uid"], self.folder / truth["file"])
        if times > 1:
            _enlarge(film.path, times)
        return film

    def send(self, *films: Film) -> list[int]:
        """Send films by storescu; gives the statuses that it was answered."""
        paths = [film.path for film in films]
        options = ("--no-halt", "--dimse-timeout", "30")
        return storescu(paths, self.house.port, calling=CALLING_AE, options=options).statuses

    def send_until_taken(self, film: Film) -> None:
        """Send a film again and again until it is acknowledged."""
        wait_until(lambda: self.send(film) == [SUCCESS], 60.0, "the film to be taken")

    def has_results(self, film: Film) -> bool:
        """Tell whether Orthanc lists all that is made of a film's draft."""
        return self.held_by_orthanc(film) == _RESULTS

    def held_by_orthanc(self, film: Film) -> int:
        """Count what Orthanc lists in a film's study, which has that film only."""
        study = self.row(film).study.uid
        return len(self.around.orthanc.find("Instance", StudyInstanceUID=study))

    def wait_for_results(self, *films: Film, seconds: float = 90.0) -> None:
        """Wait until Orthanc has the drafts of films."""
        for film in films:
            wait_until(partial(self.has_results, film), seconds, "results at Orthanc")

    def row(self, film: Film) -> Instance:
        """Give a film's row, with its study."""
        with self.db.read() as session:
            found = session.scalars(select(Instance).where(Instance.uid == film.uid)).one()
            _ = found.study
            return found

    def state(self, film: Film) -> FilmState | None:
        """Give a film's state; None where there is no such film."""
        with self.db.read() as session:
            return session.scalar(select(Instance.state).where(Instance.uid == film.uid))

    def aside(self, uid: str) -> list[Quarantine]:
        """Give what was kept aside under a UID."""
        with self.db.read() as session:
            return list(
                session.scalars(select(Quarantine).where(Quarantine.sop_instance_uid == uid))
            )

    def peer(self, name: str) -> Peer:
        """Give a peer's row."""
        with self.db.read() as session:
            return session.scalars(select(Peer).where(Peer.name == name)).one()

    def save_peer(self, **values: Any) -> None:
        """Add a peer that takes results, or change one."""
        facts: dict[str, Any] = {"host": "127.0.0.1", "takes_results": True, "accepts_demo": True}
        with self.db.write() as session:
            save_peer(session, PeerEntry(**(facts | values)))

    def deliveries(self, peer: str) -> list[Delivery]:
        """Give a peer's deliveries, oldest first."""
        with self.db.read() as session:
            query = select(Delivery).join(Delivery.peer).where(Peer.name == peer)
            return list(session.scalars(query.order_by(Delivery.id)))

    def pids(self, kind: Kind) -> list[int]:
        """Give the processes of a kind."""
        found = processes(self.house.settings_file)
        return [one.pid for one in found if one.kind is kind]

    def signal(self, kind: Kind, number: signal.Signals) -> int:
        """Send a signal to the process of a kind as soon as there is one; gives its id."""
        wait_until(lambda: self.pids(kind), 60.0, f"a {kind}")
        (pid,) = self.pids(kind)
        os.kill(pid, number)
        return pid

    @contextmanager
    def broken(self, breaking: Callable[[], object]) -> Iterator[None]:
        """Break something for as long as the context lasts."""
        breaking()
        try:
            yield
        finally:
            self.around.restore()


@contextmanager
def open_place(folder: Path) -> Iterator[Place]:
    """Start everything; its gateway listens, and the rest is starting."""
    with (
        surroundings(folder, embedded=False) as around,
        running_house(folder, around, each=1, progress_timeout_seconds=6.0) as house,
    ):
        db = Database(house.settings.database_url)
        try:
            yield Place(folder, house, around, db)
        finally:
            db.close()


def _enlarge(path: Path, times: int) -> None:
    dataset = dcmread(path)
    pixels = np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns)
    large = pixels.repeat(times, 0).repeat(times, 1)
    dataset.Rows, dataset.Columns = large.shape
    dataset.PixelData = large.tobytes()
    dataset.save_as(path)
