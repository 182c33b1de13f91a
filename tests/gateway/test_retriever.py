"""Fetching from a made-up archive to a real listener, step by step.

Covered: what becomes of a row, and of its peer, for every answer; a stop and a lost lease in the
middle. Not covered: a killed gateway, and Orthanc (tests/integration/test_backfill).
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select, update

from core.clock import now
from core.settings import DeliverySettings
from core.states import FilmState, JobState, Purpose
from db.models import Retrieval
from db.pauses import Pause
from db.retrievals import Wish, ask
from gateway.peer_pauses import PeerPauses
from gateway.retriever import MOST_ATTEMPTS, Retriever
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film
from tests.gateway.query_peer import QueryPeer
from tests.waiting import wait_until

STUDY = "1.2.3"
SECOND = "FIRSTREAD_RTRV"


def one_film(identifier: Dataset) -> list[Dataset]:
    """Give one film of the study, always the same."""
    uid = str(identifier.StudyInstanceUID)
    return [film(StudyInstanceUID=uid, SOPInstanceUID=f"{uid}.1", SeriesInstanceUID=f"{uid}.2")]


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge") as opened:
        yield opened


def known(edge: Edge, peer: QueryPeer, name: str = "pacs") -> int:
    """Make both known to each other."""
    peer.destinations[SECOND] = edge.port
    return add_peer(edge.db, name, ae_title="PACS", port=peer.port)


def wanted(edge: Edge, peer_id: int, uid: str = STUDY, purpose: Purpose = Purpose.AUDIT) -> None:
    """Ask for a study."""
    with edge.db.write() as session:
        ask(session, Wish(peer_id, uid, purpose, "c", patient_id="P-1"), actor="test")


def rows(edge: Edge) -> list[Retrieval]:
    """Give all fetches."""
    with edge.db.read() as session:
        return list(session.scalars(select(Retrieval).order_by(Retrieval.id)))


def due_now(edge: Edge) -> None:
    """Let every fetch be due, whatever its pause."""
    with edge.db.write() as session:
        session.execute(update(Retrieval).values(due_at=now()))


def test_a_study_is_fetched_and_nothing_twice(edge: Edge) -> None:
    with QueryPeer(moves=one_film) as peer:
        peer_id = known(edge, peer)
        wanted(edge, peer_id)
        retriever = Retriever(edge.settings, edge.db)
        assert retriever.step()
        assert not retriever.step()
    (row,) = rows(edge)
    assert (row.state, row.completed, row.failed, row.error) == (JobState.DONE, 1, 0, None)
    (instance,) = edge.instances()
    assert (instance.purpose, instance.state) == (Purpose.AUDIT, FilmState.QUEUED)
    assert instance.retrieval_id == row.id


def test_a_study_that_another_campaign_fetched_is_the_same_content(edge: Edge) -> None:
    with QueryPeer(moves=one_film) as peer:
        wanted(edge, known(edge, peer))
        wanted(edge, known(edge, peer, "again"))
        retriever = Retriever(edge.settings, edge.db)
        assert retriever.step()
        assert retriever.step()
    assert [row.state for row in rows(edge)] == [JobState.DONE] * 2
    assert len(edge.instances()) == 1
    assert len(list((edge.spool.folder / "kept").rglob("*.dcm"))) == 1


def test_a_peer_that_is_away_costs_no_attempt_and_holds_up_nobody(edge: Edge) -> None:
    with QueryPeer(moves=one_film) as peer:
        away = add_peer(edge.db, "away", port=1)
        wanted(edge, away)
        wanted(edge, away, "1.2.4")
        wanted(edge, known(edge, peer), "1.2.5")
        patient = DeliverySettings(first_retry_seconds=600.0)
        retriever = Retriever(edge.settings.model_copy(update={"delivery": patient}), edge.db)
        assert retriever.step()
        assert retriever.step()
        assert not retriever.step()
    first, second, third = rows(edge)
    assert (first.state, first.attempts) == (JobState.WAITING, 0)
    assert first.error is not None
    assert "127.0.0.1:1" in first.error
    assert (second.state, second.token) == (JobState.WAITING, 0)
    assert third.state is JobState.DONE


def test_a_destination_that_the_peer_does_not_know_is_said_and_waits(edge: Edge) -> None:
    with QueryPeer(moves=one_film) as peer:
        wanted(edge, known(edge, peer))
        peer.destinations.clear()
        Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert (row.state, row.attempts) == (JobState.WAITING, 0)
    assert row.error is not None
    assert "does not know FIRSTREAD_RTRV: register it there" in row.error


def test_a_study_that_comes_in_part_is_tried_again_and_fails_in_the_end(edge: Edge) -> None:
    def with_a_stranger(identifier: Dataset) -> list[Dataset]:
        return [*one_film(identifier), film()]

    with QueryPeer(moves=with_a_stranger) as peer:
        wanted(edge, known(edge, peer))
        for attempt in range(1, MOST_ATTEMPTS + 1):
            due_now(edge)
            assert Retriever(edge.settings, edge.db).step()
            (row,) = rows(edge)
            assert row.attempts == attempt
    assert row.state is JobState.FAILED
    assert row.error is not None
    assert row.error.startswith("0xB000 Some or all sub-operations failed (1 sent")
    assert row.failed == 1
    assert len(edge.instances()) == 1


def test_a_peer_that_sends_to_another_machine_of_our_name_is_found_out(
    edge: Edge, tmp_path: Path
) -> None:
    with open_edge(tmp_path / "other") as other, QueryPeer(moves=one_film) as peer:
        wanted(edge, known(edge, peer))
        wanted(other, known(other, peer))
        Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert row.state is JobState.WAITING
    assert row.error is not None
    assert row.error.startswith("the peer says that it sent everything, and nothing came")


def test_a_study_of_which_the_peer_has_nothing(edge: Edge) -> None:
    with QueryPeer() as peer:
        wanted(edge, known(edge, peer))
        Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert row.state is JobState.WAITING
    assert row.error is not None


def test_objects_that_we_refuse_are_said_to_be_refused_here(edge: Edge) -> None:
    def of_nobody(identifier: Dataset) -> list[Dataset]:
        return [film(StudyInstanceUID=identifier.StudyInstanceUID, PatientID=None)]

    with QueryPeer(moves=of_nobody) as peer:
        wanted(edge, known(edge, peer))
        Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert row.error is not None
    assert "0 sent, 1 failed; objects were refused here and are in quarantine" in row.error
    assert row.error.endswith("the last since: PatientID is empty)")


def test_a_prior_of_another_patient_is_never_fetched(edge: Edge) -> None:
    def of_another(identifier: Dataset) -> list[Dataset]:
        return [film(StudyInstanceUID=identifier.StudyInstanceUID, PatientID="P-2")]

    with QueryPeer(moves=of_another) as peer:
        wanted(edge, known(edge, peer), purpose=Purpose.PRIOR)
        Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert (row.state, row.completed, row.failed) == (JobState.WAITING, 0, 1)
    # Nothing is kept of it here, so the archive's settings may be to blame as well.
    assert row.error is not None
    assert "does it know FIRSTREAD_RTRV at this address? What is refused here is" in row.error
    assert edge.empty


def test_whoever_dies_over_it_each_time_ends_it(edge: Edge) -> None:
    with QueryPeer(moves=one_film) as peer:
        wanted(edge, known(edge, peer))
        with edge.db.write() as session:
            session.execute(update(Retrieval).values(attempts=MOST_ATTEMPTS))
        Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert row.state is JobState.FAILED
    assert edge.empty


def _halfway(act: Callable[[], None]) -> Callable[[Dataset], list[Dataset]]:
    """Give a study of which something happens after the first object was asked for."""

    def moves(identifier: Dataset) -> list[Dataset]:
        act()
        return one_film(identifier)

    return moves


def test_a_stop_in_the_middle_gives_the_study_back(edge: Edge) -> None:
    retriever = Retriever(edge.settings, edge.db)
    leaving = threading.Event()

    def leave() -> None:
        leaving.set()
        # The exit waits for the fetch, which notices it at the peer's next sign of life.
        threading.Thread(target=retriever.__exit__, args=(None, None, None)).start()
        wait_until(retriever._stop.is_set, 5.0, "the stop")

    with QueryPeer(moves=_halfway(leave)) as peer:
        wanted(edge, known(edge, peer))
        retriever.__enter__()
        wait_until(leaving.is_set, 10.0, "the fetch to begin")
        wait_until(lambda: rows(edge)[0].state is JobState.WAITING, 10.0, "it to be given back")
    (row,) = rows(edge)
    assert (row.attempts, row.token) == (0, 1)


def test_whoever_lost_the_fetch_writes_nothing_about_it(edge: Edge) -> None:
    def lose() -> None:
        with edge.db.write() as session:
            session.execute(update(Retrieval).values(token=7, worker="another"))

    with QueryPeer(moves=_halfway(lose)) as peer:
        wanted(edge, known(edge, peer))
        assert Retriever(edge.settings, edge.db).step()
    (row,) = rows(edge)
    assert (row.state, row.token, row.worker) == (JobState.CLAIMED, 7, "another")


def test_pauses_grow_and_end_with_an_answer() -> None:
    clock = [0.0]
    pauses = PeerPauses(Pause(10.0, 1000.0), lambda: clock[0])
    pauses.failed(1)
    assert pauses.paused() == {1}
    clock[0] = 10.0
    assert pauses.paused() == set()
    pauses.failed(1)
    clock[0] = 19.9
    assert pauses.paused() == {1}
    pauses.answered(1)
    assert pauses.paused() == set()
    pauses.failed(1)
    clock[0] += 10.0
    assert pauses.paused() == set()
