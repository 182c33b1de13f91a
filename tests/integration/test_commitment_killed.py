"""A `firstread deliver` that is killed with -9 while it asks a peer what it keeps.

Covered: killed within the N-ACTION, and between its answer and the report. Not covered: killed
before the request leaves, which tests/gateway/test_commitment_asking.py plays.
"""

import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from core.commitment_settings import CommitmentSettings
from core.states import CommitmentState, DeliveryState
from db.engine import Database
from db.spool import Spool
from tests.gateway.commitment_peer import Asked, CommitmentPeer, report, result_of
from tests.gateway.committing_house import OBJECTS, requests, states
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.outgoing import deliveries, read_film
from tests.integration.services import Service
from tests.waiting import wait_until


class Archive:
    """Holds its first answer, or its first report, until it is let go; from then on it commits."""

    def __init__(self, *, within: bool) -> None:
        self._within = within
        self.reached = Event()
        self.go_on = Event()

    def take(self) -> int:
        """Answer an N-ACTION."""
        if self._within:
            self._hold()
        return 0

    def commit(self, asked: Asked) -> None:
        """Report within the N-ACTION, or keep silent."""
        if not self._within:
            self._hold()
        if asked.association.is_established:
            report(asked.association, result_of(asked.transaction_uid, asked.references))

    def _hold(self) -> None:
        self.reached.set()
        self.go_on.wait(60.0)


@pytest.fixture(params=[True, False], ids=["within the request", "before the report"])
def archive(request: pytest.FixtureRequest) -> Iterator[Archive]:
    held = Archive(within=request.param)
    yield held
    held.go_on.set()


@pytest.mark.slow
def test_killed_while_it_asks_it_asks_again(archive: Archive, tmp_path: Path) -> None:
    rules = CommitmentSettings(gather_seconds=0.0, linger_seconds=5.0)
    settings = make_settings(tmp_path).model_copy(update={"commitment": rules})
    prepare_database(settings)
    db = Database(settings.database_url)
    with CommitmentPeer(take=archive.take, at_once=archive.commit) as pacs:
        add_peer(
            db,
            "pacs",
            port=pacs.port,
            takes_results=True,
            commitment="ask",
            commitment_seconds=3.0,
        )
        read_film(db, Spool(settings.spool_folder, 0))
        with Service("deliver", settings) as service:
            wait_until(archive.reached.is_set, 240.0, "the first request")
            service.end(signal.SIGKILL)
            archive.go_on.set()
            asked_before = requests(db)
            service.start()
            wait_until(
                lambda: states(db) == ["committed"] * OBJECTS, 240.0, "all results to be committed"
            )
            assert service.end(signal.SIGTERM) == 0
    assert asked_before[0].state is CommitmentState.ASKED
    first, *_between, last = requests(db)
    assert (first.state, last.state) == (CommitmentState.TIMED_OUT, CommitmentState.ANSWERED)
    assert len({one.transaction_uid for one in requests(db)}) == len(requests(db))
    assert len(set(pacs.stored)) == OBJECTS
    assert all(one.state is DeliveryState.COMMITTED for one in deliveries(db))
    db.close()
