"""Fetches over real associations: a made-up archive sends to a real listener's second title.

Covered: whole studies and single series, what the archive says of failures, destinations that it
does not know, and a fetch that is ended from here. Not covered: real archives (tests/integration).
"""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from core.errors import PeerUnavailableError, RefusedByPeerError
from core.states import Purpose
from db.retrievals import Wish, ask
from gateway.find import STUDY_ROOT_FIND
from gateway.move import Moved, move
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film
from tests.gateway.query_peer import QueryPeer

STUDY = "1.2.3"
SECOND = "FIRSTREAD_RTRV"


def two_series(identifier: Dataset) -> list[Dataset]:
    """Give three films of one study, two of them in the first series."""
    films = [
        film(seed=seed, StudyInstanceUID=STUDY, SeriesInstanceUID=f"1.2.3.{seed // 2}")
        for seed in range(3)
    ]
    wanted = identifier.get("SeriesInstanceUID")
    return [one for one in films if wanted in {None, one.SeriesInstanceUID}]


def ready(edge: Edge, peer: QueryPeer) -> None:
    """Make both known to each other, and ask for the study."""
    add_peer(edge.db, "pacs", port=peer.port)
    peer.destinations[SECOND] = edge.port
    with edge.db.write() as session:
        ask(session, Wish(1, STUDY, Purpose.AUDIT, "test"), actor="test")


def test_a_whole_study_comes_and_each_object_is_told(tmp_path: Path) -> None:
    told: list[Moved] = []
    with open_edge(tmp_path) as edge, QueryPeer(moves=two_series) as peer:
        ready(edge, peer)
        moved = move(peer.address(), SECOND, STUDY, on_progress=told.append)
        assert moved == Moved(completed=3)
        assert moved.whole
        assert [one.completed for one in told] == [1, 2, 3, 3]
        assert len(edge.instances()) == 3
    (asked,) = peer.asked
    assert (asked.QueryRetrieveLevel, asked.StudyInstanceUID) == ("STUDY", STUDY)
    assert "SeriesInstanceUID" not in asked


def test_each_series_is_a_request_and_their_numbers_are_summed(tmp_path: Path) -> None:
    told: list[Moved] = []
    with open_edge(tmp_path) as edge, QueryPeer(moves=two_series) as peer:
        ready(edge, peer)
        series = ["1.2.3.0", "1.2.3.1"]
        moved = move(peer.address(), SECOND, STUDY, series, on_progress=told.append)
    assert moved == Moved(completed=3)
    assert [one.completed for one in told] == [1, 2, 2, 3, 3]
    assert [asked.SeriesInstanceUID for asked in peer.asked] == series


def test_what_the_listener_refuses_counts_as_failed(tmp_path: Path) -> None:
    def with_a_stranger(identifier: Dataset) -> list[Dataset]:
        return [*two_series(identifier), film()]

    with open_edge(tmp_path) as edge, QueryPeer(moves=with_a_stranger) as peer:
        ready(edge, peer)
        moved = move(peer.address(), SECOND, STUDY)
    assert (moved.completed, moved.failed) == (3, 1)
    assert moved.words.startswith("0xB000")
    assert not moved.whole


def test_a_peer_that_has_nothing() -> None:
    with QueryPeer(destinations={SECOND: 1}) as peer:
        moved = move(peer.address(), SECOND, STUDY)
    assert not moved.whole


def test_a_destination_that_the_peer_does_not_know() -> None:
    with QueryPeer() as peer, pytest.raises(PeerUnavailableError, match="does not know NOBODY"):
        move(peer.address(), "NOBODY", STUDY)


def test_a_peer_without_retrieval() -> None:
    with QueryPeer(models=(STUDY_ROOT_FIND,)) as peer, pytest.raises(RefusedByPeerError):
        move(peer.address(), SECOND, STUDY)


def test_whoever_listens_to_the_progress_can_end_it(tmp_path: Path) -> None:
    def stop(_moved: Moved) -> None:
        message = "enough"
        raise InterruptedError(message)

    with open_edge(tmp_path) as edge, QueryPeer(moves=two_series) as peer:
        ready(edge, peer)
        with pytest.raises(InterruptedError, match="enough"):
            move(peer.address(), SECOND, STUDY, on_progress=stop)


@pytest.mark.parametrize("uids", [("x", ()), ("1.2", ("1.2\\1.3",)), ("", ())])
def test_no_uid_is_sent_that_is_none(uids: tuple[str, tuple[str, ...]]) -> None:
    with QueryPeer() as peer, pytest.raises(ValueError, match="not a UID"):
        move(peer.address(), SECOND, *uids)


@pytest.mark.parametrize(
    ("moved", "whole"),
    [
        (Moved(1), True),
        (Moved(0, 0, 1), True),
        (Moved(), False),
        (Moved(1, 1), False),
        (Moved(1, words="0xC000 Unable to process"), False),
    ],
)
def test_when_a_fetch_is_whole(moved: Moved, *, whole: bool) -> None:
    assert moved.whole is whole
