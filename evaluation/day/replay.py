"""Sends a day's studies hour by hour, and waits after each hour until all of it is through."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from core.errors import FirstReadError
from core.states import DeliveryState, FilmState, JobState
from db.engine import Database
from db.models import Delivery, Instance, Job
from evaluation.day.samples import Sample, sample
from evaluation.day.studies import Department
from evaluation.house import CALLING_AE, House
from gateway.scu import send_files

_ROOMS: Final = 3
_PATIENCE_SECONDS: Final = 1800.0
_LOOK_SECONDS: Final = 0.5
_UNDER_WAY: Final = (JobState.WAITING, JobState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Hour:
    """What became of one hour's studies.

    Parameters
    ----------
    studies, films
        How many were sent, and objects among them.
    seconds
        From the first one's start to the end of the last one's delivery.
    longest_queue
        Most films that waited for the model at once.
    after
        What the installation takes once all is through.
    """

    studies: int
    films: int
    seconds: float
    longest_queue: int
    after: Sample


class Replay:
    """Replays a day into a running installation; a context manager.

    Parameters
    ----------
    house
        The installation.
    department
        Makes the studies.
    """

    def __init__(self, house: House, department: Department) -> None:
        self._house = house
        self._department = department
        self._db = Database(house.settings.database_url)

    def hour(self, studies: int) -> Hour:
        """Send so many studies from several rooms at once, and wait until all are through.

        Raises
        ------
        FirstReadError
            If a room's object is refused, or not all of it is through within half an hour.
        """
        begun = time.monotonic()
        todo = self._department.studies(studies)
        lock = threading.Lock()
        sent: list[int] = []
        errors: list[str] = []

        def room() -> None:
            while not errors:
                with lock:
                    films = next(todo, None)
                if films is None:
                    return
                try:
                    self._send(films)
                    sent.append(len(films))
                except FirstReadError as error:
                    errors.append(str(error))

        rooms = [threading.Thread(target=room, name=f"room-{number}") for number in range(_ROOMS)]
        with _all_running(rooms):
            longest = self._wait(lambda: any(one.is_alive() for one in rooms), errors)
        return Hour(studies, sum(sent), time.monotonic() - begun, longest, sample(self._house))

    def ends(self) -> dict[str, int]:
        """Count the objects by the state in which they ended."""
        with self._db.read() as session:
            rows = session.execute(select(Instance.state, func.count()).group_by(Instance.state))
            return {state.value: count for state, count in rows}

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _send(self, films: Sequence[Path]) -> None:
        answers = send_files(
            films,
            "127.0.0.1",
            self._house.port,
            called_ae=self._house.settings.gateway.ae_title,
            calling_ae=CALLING_AE,
        )
        for answer in answers:
            answer.path.unlink()
            if answer.status != 0:
                message = f"an object was answered {answer.words}"
                raise FirstReadError(message)

    def _wait(self, more: Callable[[], bool], errors: Sequence[str]) -> int:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        longest = 0
        while True:
            sending = more()
            waiting, open_work = self._open_work()
            longest = max(longest, waiting)
            if errors:
                raise FirstReadError(errors[0])
            if not sending and not open_work:
                return longest
            if time.monotonic() > deadline:
                message = f"{open_work} pieces of work are not done after {_PATIENCE_SECONDS} s"
                raise FirstReadError(message)
            time.sleep(_LOOK_SECONDS)

    def _open_work(self) -> tuple[int, int]:
        """Count the films that wait for the model, and all work that is open."""
        with self._db.read() as session:
            waiting, jobs, deliveries = (
                session.scalars(select(func.count()).select_from(table).where(condition)).one()
                for table, condition in (
                    (Instance, Instance.state == FilmState.QUEUED),
                    (Job, Job.state.in_(_UNDER_WAY)),
                    (Delivery, Delivery.state == DeliveryState.WAITING),
                )
            )
        return waiting, jobs + deliveries


@contextmanager
def _all_running(threads: Sequence[threading.Thread]) -> Iterator[None]:
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
