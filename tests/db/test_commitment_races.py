"""Requests, answers, silence, deliveries and publishing at once: no deadlock, nothing twice.

On PostgreSQL, where several processes write at a time.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.states import CommitmentState, DeliveryState
from db.commitment_answers import Taken, note_unanswered
from db.commitment_requests import Request
from db.engine import Database
from db.films import lock_study
from db.models import Delivery, ResultObject
from db.spool import Spool
from tests.db.stored_results import (
    RULES,
    asked_peer,
    hurry,
    open_for,
    rows,
    store,
    stored_again,
    told,
    ways,
)

GONE = 0x0112
_ENDS = {DeliveryState.COMMITTED, DeliveryState.FAILED}


@pytest.fixture
def backend() -> str:
    return "postgresql"


class Traffic:
    """Everybody who has to do with stored results of some studies at one peer."""

    def __init__(self, db: Database, peer_id: int, studies: list[int]) -> None:
        self._db = db
        self._peer_id = peer_id
        self._studies = studies
        self._left: SimpleQueue[Request] = SimpleQueue()
        self._over = threading.Event()
        self.noted: SimpleQueue[str] = SimpleQueue()
        """Transactions whose report was noted."""

    def actors(self) -> list[Callable[[], None]]:
        """Each runs in a thread of its own until all is over."""
        return [self._ask, self._ask, self._report, self._report, self._deliver, self._publish]

    def watch(self) -> None:
        """Wait until every result came to an end."""
        pause = threading.Event()
        for _ in range(1_500):
            if {one.state for one in ways(self._db)} <= _ENDS:
                break
            hurry(self._db)
            pause.wait(0.02)

    def end(self) -> None:
        """Let every actor stop."""
        self._over.set()

    def _ask(self) -> None:
        while not self._over.is_set():
            for study in self._studies:
                request = open_for(self._db, self._peer_id, study)
                if request is not None:
                    self._left.put(request)

    def _report(self) -> None:
        """Report twice on each request, on every third one after its time is over."""
        for request in self._requests():
            if request.commitment_id % 3 == 0:
                with self._db.write() as session:
                    note_unanswered(session, request.commitment_id, RULES)
            lost, *kept = request.objects
            for _ in range(2):
                if told(self._db, request, kept, {lost: GONE}) is Taken.NOTED:
                    self.noted.put(request.transaction_uid)

    def _requests(self) -> Iterator[Request]:
        while not self._over.is_set():
            try:
                yield self._left.get(timeout=0.05)
            except Empty:
                continue

    def _deliver(self) -> None:
        while not self._over.is_set():
            waiting = [one.id for one in ways(self._db) if one.state is DeliveryState.WAITING]
            stored_again(self._db, *waiting)

    def _publish(self) -> None:
        """Write the rows of whole studies, newest first, under the study alone."""
        while not self._over.is_set():
            for study in self._studies:
                with self._db.write() as session:
                    lock_study(session, study)
                    ids = session.scalars(
                        select(Delivery.id)
                        .join(Delivery.result)
                        .where(ResultObject.study_id == study)
                        .order_by(Delivery.id.desc())
                    ).all()
                    for number in ids:
                        session.execute(
                            update(Delivery).where(Delivery.id == number).values(changed_at=now())
                        )


def test_all_at_once_come_to_an_end(db: Database, spool: Spool) -> None:
    pacs = asked_peer(db)
    studies = [store(db, spool, pacs, study=f"1.2.{number}") for number in range(4)]
    traffic = Traffic(db, pacs, studies)
    actors = traffic.actors()
    with ThreadPoolExecutor(len(actors)) as pool:
        futures = [pool.submit(actor) for actor in actors]
        try:
            traffic.watch()
        finally:
            traffic.end()
        for future in futures:
            future.result()
    results = ways(db)
    assert {one.state for one in results} == _ENDS
    for one in results:
        assert one.lost == (RULES.maximum_losses + 1 if one.state is DeliveryState.FAILED else 0)
    answered = [row for row in rows(db) if row.state is CommitmentState.ANSWERED]
    noted = [traffic.noted.get() for _ in range(traffic.noted.qsize())]
    assert len(noted) == len(set(noted)) == len(answered)
