"""Storage commitment and C-FIND verification against a real Orthanc and a real dcmqrscp.

Covered: stored and committed as two states, an object that the archive lost before it was asked
(a failed UID) and gets again, an archive that is frozen or cannot reach the listener (a time-out)
and is asked again in a transaction of its own, and C-FIND by study, series and instance. Orthanc
reports on an association of its own. Not covered: hostile reports and those on the same association
(tests/gateway/test_commitment_reports.py, tests/gateway/test_commitment_asking.py).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.states import CommitmentState, DeliveryState
from db.models import Delivery, Peer
from evaluation.servers.process import free_port
from tests.gateway.committing_house import OBJECTS, asking, requests, store_results
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film_file
from tests.gateway.outgoing import deliveries, running
from tests.peers.dcmqrscp import dcmqrscp
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until

SENT, COMMITTED = DeliveryState.SENT, DeliveryState.COMMITTED


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge") as opened:
        yield opened


@pytest.fixture
def archive(orthanc: Orthanc, edge: Edge) -> Orthanc:
    """Give the archive, which takes results and knows where to report to."""
    orthanc.add_modality("firstread", "FIRSTREAD", edge.port)
    return orthanc


def known(edge: Edge, archive: Orthanc, *, seconds: float = 30.0, way: str = "ask") -> None:
    add_peer(
        edge.db,
        "pacs",
        ae_title=archive.ae_title,
        port=archive.dicom_port,
        takes_results=True,
        commitment=way,
        commitment_seconds=seconds,
    )


def stored(edge: Edge) -> list[Delivery]:
    return store_results(edge.settings, edge.db, edge.spool)


def committed(edge: Edge) -> bool:
    return len(deliveries(edge.db, COMMITTED)) == OBJECTS


def test_what_is_stored_is_committed(edge: Edge, archive: Orthanc) -> None:
    known(edge, archive)
    stored(edge)
    with asking(edge.settings, edge.db):
        wait_until(lambda: committed(edge), what="all results to be committed")
    (request,) = requests(edge.db)
    assert request.state is CommitmentState.ANSWERED
    assert request.words == "3 committed"
    assert all(one.committed_at is not None for one in deliveries(edge.db))


def test_what_the_archive_lost_is_sent_again_and_committed(edge: Edge, archive: Orthanc) -> None:
    known(edge, archive)
    lost = stored(edge)[1].result
    before = archive.download(lost.uid, edge.settings.data).read_bytes()
    archive.lose(lost.uid)
    with asking(edge.settings, edge.db):
        wait_until(lambda: bool(deliveries(edge.db, DeliveryState.WAITING)), what="a lost result")
        (again,) = deliveries(edge.db, DeliveryState.WAITING)
        assert (again.result.uid, again.lost) == (lost.uid, 1)
        assert "0x0112 No such object instance" in again.words
        with running(edge.settings, edge.db, edge.spool):
            wait_until(lambda: committed(edge), what="all results to be committed")
    first, second = requests(edge.db)
    assert first.words == "2 committed, 1 not: 0x0112 No such object instance"
    assert second.words == "1 committed"
    assert first.transaction_uid != second.transaction_uid
    assert archive.download(lost.uid, edge.settings.data).read_bytes() == before


def test_an_archive_that_cannot_report_is_asked_again(edge: Edge, archive: Orthanc) -> None:
    known(edge, archive, seconds=1.0)
    archive.add_modality("firstread", "FIRSTREAD", free_port())
    stored(edge)
    with asking(edge.settings, edge.db):
        wait_until(
            lambda: any(one.state is CommitmentState.TIMED_OUT for one in requests(edge.db)),
            what="a request that is not answered in time",
        )
        assert len(deliveries(edge.db, SENT)) == OBJECTS
        archive.add_modality("firstread", "FIRSTREAD", edge.port)
        wait_until(lambda: committed(edge), what="all results to be committed")
    asked = requests(edge.db)
    assert asked[-1].state is CommitmentState.ANSWERED
    assert len({one.transaction_uid for one in asked}) == len(asked) > 1


def test_a_frozen_archive_is_asked_again_when_it_is_back(edge: Edge, archive: Orthanc) -> None:
    known(edge, archive)
    stored(edge)
    quick = edge.settings.delivery.model_copy(update={"network_timeout": 1.0})
    edge.settings = edge.settings.model_copy(update={"delivery": quick})
    archive.pause()
    with asking(edge.settings, edge.db):
        wait_until(lambda: asked_in_vain(edge), what="an attempt at a frozen archive")
        assert len(deliveries(edge.db, SENT)) == OBJECTS
        archive.resume()
        wait_until(lambda: committed(edge), what="all results to be committed")


def asked_in_vain(edge: Edge) -> bool:
    with edge.db.read() as session:
        return session.scalars(select(Peer)).one().commitment_failures > 0


def test_what_is_found_is_committed_and_what_is_not_is_sent_again(
    edge: Edge, archive: Orthanc
) -> None:
    known(edge, archive, seconds=0.1, way="find")
    lost = stored(edge)[0].result
    archive.lose(lost.uid)
    with asking(edge.settings, edge.db), running(edge.settings, edge.db, edge.spool):
        wait_until(lambda: committed(edge), what="all results to be found")
    assert {one.words for one in deliveries(edge.db)} == {"found by C-FIND"}
    assert sorted(one.lost for one in deliveries(edge.db)) == [0, 0, 1]
    assert not requests(edge.db)


def test_an_archive_of_another_make_is_searched(edge: Edge, tmp_path: Path) -> None:
    held = film_file(tmp_path)
    with dcmqrscp(tmp_path / "archive", [held], {}) as pacs:
        add_peer(
            edge.db,
            "pacs",
            ae_title=pacs.ae_title,
            port=pacs.port,
            takes_results=True,
            sr_class="comprehensive",
            commitment="find",
            commitment_seconds=0.1,
        )
        stored(edge)
        with asking(edge.settings, edge.db):
            wait_until(lambda: committed(edge), what="all results to be found")
