"""The listener decides by the policy in force, and writes down which rule of which version did.

Covered over real associations: what becomes of a silent header, who called, a policy that is
changed while the listener runs, a database that cannot tell the policy. Rules themselves are
tested in `test_rules` and `test_eligibility`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.uid import DigitalXRayImageStorageForProcessing, SecondaryCaptureImageStorage

from core.policy import Policy
from core.policy_toml import policy_of
from core.states import FilmState
from db.models import Instance, PolicyRow
from db.policies import import_policy
from gateway.statuses import StoreStatus
from tests.gateway.client import store
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film
from tests.waiting import wait_until


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge", allow_unknown_peers=True) as opened:
        yield opened


def newest(edge: Edge) -> Instance:
    """Give the instance that came last."""
    return edge.instances()[-1]


def closed(reason: str, **when: str) -> Policy:
    """Make a policy that reads nothing, for this reason where the conditions hold."""
    asked = {"name": "asked", "when": when, "then": "not_read", "reason": reason}
    rest = {"name": "rest", "then": "not_read", "reason": "the rest"}
    return policy_of({"rule": [asked, rest]})


def put(edge: Edge, policy: Policy) -> int:
    """Put a policy in force."""
    with edge.db.write() as session:
        return import_policy(session, policy)


def test_a_silent_header_waits_for_its_pixels(edge: Edge) -> None:
    item = film(BodyPartExamined=None, ViewPosition=None)
    assert store(edge.port, item)[0] == StoreStatus.SUCCESS
    row = newest(edge)
    assert (row.state, row.rule, row.policy_version) == (FilmState.QUEUED, "silent_body_part", 1)
    assert row.asked_of_pixels == "body part and view"
    assert len(edge.jobs()) == 1


def test_a_film_that_says_it_all_asks_nothing(edge: Edge) -> None:
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS
    row = newest(edge)
    assert (row.state, row.rule, row.asked_of_pixels) == (FilmState.QUEUED, "frontal_chest", "")
    assert row.view == "PA"


@pytest.mark.parametrize(
    ("uid", "reason"),
    [
        (DigitalXRayImageStorageForProcessing, "films for processing are not read here"),
        (SecondaryCaptureImageStorage, "a secondary capture of no plain film by its Modality"),
    ],
)
def test_all_classes_of_films_are_taken_and_told_why_they_are_not_read(
    edge: Edge, uid: str, reason: str
) -> None:
    assert store(edge.port, film(SOPClassUID=uid, Modality="OT"))[0] == StoreStatus.SUCCESS
    assert (newest(edge).state, newest(edge).reason) == (FilmState.NOT_READ, reason)


def test_who_called_may_decide(edge: Edge) -> None:
    add_peer(edge.db, "icu", sends_films=True)
    put(edge, closed("not from the ICU", calling_ae="ICU", called_ae="FIRSTREAD"))
    for calling, rule in (("ICU", "asked"), ("OTHER", "rest")):
        assert store(edge.port, film(), calling=calling)[0] == StoreStatus.SUCCESS
        assert newest(edge).rule == rule
        assert newest(edge).calling_ae == calling


def test_a_new_policy_comes_in_force_without_a_restart(edge: Edge) -> None:
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS
    assert newest(edge).policy_version == 1
    assert put(edge, closed("closed", modality="CR")) == 2

    def by_the_new_one() -> bool:
        assert store(edge.port, film())[0] == StoreStatus.SUCCESS
        return newest(edge).policy_version == 2

    wait_until(by_the_new_one, 20.0, "the new policy to be in force")
    assert (newest(edge).state, newest(edge).reason) == (FilmState.NOT_READ, "closed")
    assert edge.instances()[0].policy_version == 1


def test_without_any_known_policy_nothing_is_taken_in(tmp_path: Path) -> None:
    with open_edge(tmp_path / "edge") as edge:
        with edge.db.write() as session:
            session.add(PolicyRow(version=2, document={"format": 99}, actor="a later version"))
        status, _ = store(edge.port, film())
        assert status == StoreStatus.OUT_OF_RESOURCES
        assert edge.empty
