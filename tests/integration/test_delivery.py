"""Delivery by a process that is killed with -9, on SQLite, and by two at once, on PostgreSQL."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest
from pynetdicom import evt

from core.states import DeliveryState
from db.engine import Database
from db.spool import Spool
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.outgoing import ResultPeer, deliveries, read_film, results, running
from tests.integration.services import Service
from tests.peers.postgres import PostgresServer
from tests.waiting import wait_until

SENT = DeliveryState.SENT


@pytest.fixture
def held_peer() -> Iterator[tuple[ResultPeer, Event]]:
    """Give a peer that stores the first object and answers it only when it is let go."""
    go_on = Event()

    def answer(_event: evt.Event) -> int:
        go_on.wait(60.0)
        return 0

    with ResultPeer(answer) as peer:
        yield peer, go_on
        go_on.set()


def test_killed_between_sending_and_noting_it_sends_the_same_object(
    held_peer: tuple[ResultPeer, Event], tmp_path: Path
) -> None:
    peer, go_on = held_peer
    settings = make_settings(tmp_path)
    prepare_database(settings)
    db = Database(settings.database_url)
    add_peer(db, "pacs", port=peer.port, takes_results=True)
    film, _reading = read_film(db, Spool(settings.spool_folder, 0))
    with Service("deliver", settings) as service:
        wait_until(lambda: peer.tried, 60.0, "the first object")
        service.end(signal.SIGKILL)
        go_on.set()
        service.start()
        wait_until(lambda: len(deliveries(db, SENT)) == 3, 90.0, "all objects to be sent")
        assert service.end(signal.SIGTERM) == 0
        assert str(film.PatientName) not in service.log
    uids = {item.uid for item in results(db)}
    db.close()
    assert len(uids) == 3
    assert set(peer.tried) == uids
    assert Counter(peer.tried)[peer.tried[0]] == 2
    assert {item.SOPInstanceUID for item in peer.stored} == uids


@pytest.mark.slow
def test_killed_with_several_lines_open_sends_the_same_objects(
    held_peer: tuple[ResultPeer, Event], tmp_path: Path
) -> None:
    peer, go_on = held_peer
    settings = make_settings(tmp_path)
    prepare_database(settings)
    db = Database(settings.database_url)
    add_peer(db, "pacs", port=peer.port, takes_results=True, lines=3)
    for seed in range(3):
        read_film(db, Spool(settings.spool_folder, 0), seed=seed)
    with Service("deliver", settings) as service:
        wait_until(lambda: len(peer.tried) == 3, 60.0, "an object of each study")
        service.end(signal.SIGKILL)
        go_on.set()
        service.start()
        wait_until(lambda: len(deliveries(db, SENT)) == 9, 90.0, "all objects to be sent")
        assert service.end(signal.SIGTERM) == 0
    made = [(item.study_id, item.uid) for item in results(db)]
    db.close()
    counted = Counter(peer.tried)
    assert set(counted) == {uid for _study, uid in made}
    again = {uid for uid, count in counted.items() if count == 2}
    assert again == set(peer.tried[:3])
    assert max(counted.values()) == 2
    assert len({study for study, uid in made if uid in again}) == 3
    # Within each study they came in the order in which they were made.
    for study in {study for study, _uid in made}:
        of_it = [uid for other, uid in made if other == study]
        came = list(dict.fromkeys(uid for uid in peer.tried if uid in of_it))
        assert came == of_it


@pytest.mark.parametrize("lines", [1, 3])
def test_two_deliverers_send_each_object_once(
    postgres_server: PostgresServer, tmp_path: Path, lines: int
) -> None:
    settings = make_settings(tmp_path, url=postgres_server.new_database())
    prepare_database(settings)
    spool = Spool(settings.spool_folder, 0)
    with ExitStack() as stack:
        first, second = Database(settings.database_url), Database(settings.database_url)
        stack.callback(first.close)
        stack.callback(second.close)
        peers = [stack.enter_context(ResultPeer()) for _number in range(2)]
        for number, peer in enumerate(peers):
            add_peer(first, f"peer{number}", port=peer.port, takes_results=True, lines=lines)
        for seed in range(4):
            read_film(first, spool, seed=seed)
        stack.enter_context(running(settings, first, spool))
        stack.enter_context(running(settings, second, spool))
        wait_until(lambda: len(deliveries(first, SENT)) == 24, 90.0, "all objects to be sent")
        uids = sorted(item.uid for item in results(first))
    for peer in peers:
        assert sorted(peer.tried) == uids


def test_a_database_that_goes_away_is_waited_for(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, url=postgres_server.new_database())
    prepare_database(settings)
    spool = Spool(settings.spool_folder, 0)
    db = Database(settings.database_url)
    with ResultPeer() as peer, running(settings, db, spool):
        add_peer(db, "pacs", port=peer.port, takes_results=True)
        postgres_server.stop()
        postgres_server.start()
        read_film(db, spool)
        wait_until(lambda: len(deliveries(db, SENT)) == 3, 60.0, "all objects to be sent")
    db.close()
