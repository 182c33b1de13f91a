"""Delivery to made-up peers over real associations, on SQLite.

Covered: variants and who shares them, order, retries by type, refused contexts, peers that are
down, frozen or strict, results that are held, superseded or unbuildable, and a crash between
sending and noting it. Not covered: a real PACS and kill -9 (tests/integration).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    ImplicitVRLittleEndian,
)
from pynetdicom import evt
from sqlalchemy import select, text, update

import db.deliveries
import gateway.outcomes
from core.clock import now
from core.errors import DatabaseAwayError, StorageFullError
from core.labels import Label
from core.states import DeliveryState, JobKind, JobState
from db.jobs import add_job
from db.models import Instance, Peer
from db.spool import Spool
from tests.db.builders import read_next, reading
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, deliveries, read_film, results, running
from tests.waiting import wait_until

SENT, FAILED, WAITING, HELD, OBSOLETE = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.WAITING,
    DeliveryState.HELD,
    DeliveryState.OBSOLETE,
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house") as opened:
        yield opened


def first_time(*statuses: int) -> Callable[[evt.Event], int]:
    """Answer the given statuses first, and success from then on."""
    left = list(statuses)
    return lambda _event: left.pop(0) if left else 0


def test_a_reading_reaches_the_peer_in_its_study(house: House, pacs: ResultPeer) -> None:
    house.peer("pacs", pacs.port)
    film, _reading = read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, SENT)
    assert {item.StudyInstanceUID for item in pacs.stored} == {film.StudyInstanceUID}
    assert {item.SOPClassUID for item in pacs.stored} == {
        Comprehensive3DSRStorage,
        EnhancedSRStorage,
        GrayscaleSoftcopyPresentationStateStorage,
    }
    assert [delivery.status for delivery in deliveries(house.db)] == [0, 0, 0]
    assert [delivery.attempts for delivery in deliveries(house.db)] == [1, 1, 1]
    assert [job.state for job in house.publish_jobs()] == [JobState.DONE]
    assert house.row("pacs").last_sent_at is not None
    for item in results(house.db):
        assert dcmread(item.path).SOPInstanceUID == item.uid


@pytest.mark.parametrize("besides", ["", "BEFORE UPDATE OF failures ON peer"])
def test_what_cannot_be_noted_is_not_sent_again_and_again(
    tmp_path: Path, pacs: ResultPeer, besides: str
) -> None:
    """Nor where the database does not take the pause either."""
    with delivering_house(tmp_path) as house:
        delivery = house.settings.delivery.model_copy(
            update={"first_retry_seconds": 60.0, "longest_retry_seconds": 60.0}
        )
        settings = house.settings.model_copy(update={"delivery": delivery})
        house.peer("pacs", pacs.port)
        read_film(house.db, house.spool)
        with house.db.write() as session:
            for number, when in enumerate(filter(None, ["BEFORE INSERT ON audit_event", besides])):
                rule = f"{when} BEGIN SELECT RAISE(ABORT, 'no'); END"
                session.execute(text(f"CREATE TRIGGER refuse_{number} {rule}"))
        looks = count()
        with running(settings, house.db, house.spool):
            wait_until(lambda: pacs.stored, what="the first one")
            wait_until(lambda: next(looks) > 40, what="many looks of the delivery")
        assert len(pacs.stored) == 1
        assert {delivery.state for delivery in deliveries(house.db)} == {WAITING}


def test_peers_of_one_profile_share_their_objects(house: House) -> None:
    with ExitStack() as stack:
        one, two, other = (stack.enter_context(ResultPeer()) for _number in range(3))
        house.peer("one", one.port)
        house.peer("two", two.port)
        house.peer("other", other.port, sr_class="comprehensive")
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(9, SENT)
    assert sorted(one.tried) == sorted(two.tried)
    assert set(one.tried).isdisjoint(other.tried)
    assert ComprehensiveSRStorage in {item.SOPClassUID for item in other.stored}
    assert len(results(house.db)) == 6


def test_what_lacks_resources_is_sent_again_in_order(house: House) -> None:
    with ResultPeer(first_time(0xA700, 0x0000, 0x0110)) as pacs:
        house.peer("pacs", pacs.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(3, SENT)
    first, second, third = [item.uid for item in results(house.db)]
    assert pacs.tried == [first, first, second, second, third]
    assert [delivery.attempts for delivery in deliveries(house.db)] == [2, 2, 1]


def test_a_refusal_for_good_is_one_failed_row(house: House) -> None:
    with ResultPeer(first_time(0xC123)) as pacs:
        house.peer("pacs", pacs.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(2, SENT)
            house.wait_for(1, FAILED)
            (failed,) = deliveries(house.db, FAILED)
            read_film(house.db, house.spool)  # gives it every chance to be sent again
            house.wait_for(5, SENT)
    assert failed.status == 0xC123
    assert failed.words == "0xC123 Cannot understand"
    assert pacs.tried.count(failed.result.uid) == 1


def test_a_class_that_the_peer_does_not_take_fails_with_words(house: House) -> None:
    with ResultPeer(classes=[EnhancedSRStorage]) as pacs:
        house.peer("pacs", pacs.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(2, FAILED)
            house.wait_for(1, SENT)
    for delivery in deliveries(house.db, FAILED):
        assert delivery.status is None
        assert delivery.words == "the peer accepted no presentation context for this object"
        assert delivery.attempts == 1


def test_a_peer_of_implicit_vr_gets_the_same_content(house: House) -> None:
    with ResultPeer(syntaxes=[ImplicitVRLittleEndian]) as pacs:
        house.peer("pacs", pacs.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(3, SENT)
    for sent, item in zip(pacs.stored, results(house.db), strict=True):
        assert sent == dcmread(item.path)


def test_a_peer_that_is_down_waits_and_holds_up_nobody(house: House, pacs: ResultPeer) -> None:
    down = ResultPeer()
    house.peer("a-down", down.port)
    house.peer("pacs", pacs.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, SENT, peer="pacs")
        wait_until(lambda: house.row("a-down").failures >= 2, 20.0, "a second attempt")
        assert house.row("a-down").last_error is not None
        assert [row.attempts for row in deliveries(house.db, WAITING)] == [0, 0, 0]
        with down:
            house.wait_for(3, SENT, peer="a-down")
    assert sorted(down.tried) == sorted(pacs.tried)
    assert house.row("a-down").failures == 0


def test_a_frozen_peer_holds_up_nobody(house: House, pacs: ResultPeer) -> None:
    with socket.socket() as frozen:
        frozen.bind(("127.0.0.1", 0))
        frozen.listen()
        house.peer("a-frozen", frozen.getsockname()[1])
        house.peer("pacs", pacs.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(3, SENT, peer="pacs")
            assert house.row("a-frozen").failures == 0  # still within its first time-out
            assert len(deliveries(house.db, WAITING, peer="a-frozen")) == 3


def test_a_peer_that_does_not_know_us_is_asked_again(house: House) -> None:
    with ResultPeer(known=["SOMEBODY"]) as strict:
        house.peer("strict", strict.port)
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            wait_until(lambda: house.row("strict").failures >= 2, 20.0, "a second attempt")
    assert "rejected the association: for good, Calling AE" in (
        house.row("strict").last_error or ""
    )
    assert len(deliveries(house.db, WAITING)) == 3


def test_a_demo_result_is_held_until_the_peer_accepts_it(house: House, pacs: ResultPeer) -> None:
    house.peer("pacs", pacs.port)
    read_film(house.db, house.spool, demo=True)
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, HELD)
        read_film(house.db, house.spool)
        house.wait_for(3, SENT)
        assert len(pacs.tried) == 3
        house.peer("pacs", pacs.port, accepts_demo=True)
        house.wait_for(6, SENT)


def test_without_peers_the_objects_are_kept(house: House) -> None:
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        wait_until(lambda: len(results(house.db)) == 3, 20.0, "the objects")
    assert deliveries(house.db) == []


def test_a_crash_after_sending_sends_the_same_object_again(
    house: House, pacs: ResultPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.peer("pacs", pacs.port)
    read_film(house.db, house.spool)
    note = db.deliveries.mark_sent
    lost: list[bool] = []

    def lose_the_first(*arguments: Any, **keywords: Any) -> None:
        if not lost:
            lost.append(True)
            raise DatabaseAwayError
        note(*arguments, **keywords)

    monkeypatch.setattr(gateway.outcomes, "mark_sent", lose_the_first)
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, SENT)
    first, second, third = [item.uid for item in results(house.db)]
    assert pacs.tried == [first, first, second, third]


def test_what_was_superseded_before_it_left_is_not_sent(house: House, pacs: ResultPeer) -> None:
    late = ResultPeer()
    house.peer("late", late.port)
    film, _reading = read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, WAITING)
        with house.db.write() as session:
            (instance,) = session.scalars(select(Instance))
            add_job(session, JobKind.DRAFT, instance_id=instance.id, study_id=instance.study_id)
        read_next(house.db, reading(Label.PNEUMOTHORAX))
        house.wait_for(3, OBSOLETE)
        with late:
            house.wait_for(3, SENT)
    assert set(late.tried) == {item.uid for item in results(house.db)[3:]}
    assert {item.StudyInstanceUID for item in late.stored} == {film.StudyInstanceUID}
    assert pacs.tried == []


def test_a_film_whose_results_cannot_be_built_fails_alone(house: House, pacs: ResultPeer) -> None:
    house.peer("pacs", pacs.port)
    good, _reading = read_film(house.db, house.spool)
    bad, _reading = read_film(house.db, house.spool, seed=1, StudyInstanceUID=good.StudyInstanceUID)
    with house.db.read() as session:
        path = session.scalars(
            select(Instance.path).where(Instance.uid == bad.SOPInstanceUID)
        ).one()
    Path(path).write_bytes(b"no DICOM any more")
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, SENT)
        wait_until(
            lambda: [job.state for job in house.publish_jobs()] == [JobState.DONE, JobState.FAILED],
            20.0,
            "the job to fail",
        )
        read_film(house.db, house.spool)
        house.wait_for(6, SENT)
    assert "not a readable DICOM file" in (house.publish_jobs()[1].error or "")


def test_a_disk_without_room_puts_results_off(
    house: House, pacs: ResultPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.peer("pacs", pacs.port)
    read_film(house.db, house.spool)
    full = [True]
    tried: list[str] = []
    keep = Spool.keep_bytes

    def keep_if_room(spool: Spool, data: bytes, name: str) -> Path:
        if full:
            tried.append(name)
            message = "the disk is full"
            raise StorageFullError(message)
        return keep(spool, data, name)

    monkeypatch.setattr(Spool, "keep_bytes", keep_if_room)
    with running(house.settings, house.db, house.spool):
        most = house.settings.delivery.maximum_attempts
        wait_until(lambda: len(tried) > most, 20.0, "more attempts than a job has")
        assert house.publish_jobs()[0].error == "the disk is full"
        full.clear()
        house.wait_for(3, SENT)
    assert house.publish_jobs()[0].attempts == 1


def test_a_missing_file_is_one_failed_row(house: House) -> None:
    late = ResultPeer()
    house.peer("late", late.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, WAITING)
        Path(results(house.db)[0].path).unlink()
        with late:
            house.wait_for(2, SENT)
            house.wait_for(1, FAILED)
    (failed,) = deliveries(house.db, FAILED)
    assert failed.words == "the object's file is missing from the spool"


def test_a_peer_that_another_deliverer_has_is_left_alone(house: House, pacs: ResultPeer) -> None:
    peer_id = house.peer("pacs", pacs.port)
    house.peer("other", pacs.port)
    read_film(house.db, house.spool)
    with house.db.write() as session:
        session.execute(
            update(Peer)
            .where(Peer.id == peer_id)
            .values(busy_worker="another", busy_until=now() + timedelta(hours=1))
        )
    with running(house.settings, house.db, house.spool):
        house.wait_for(3, SENT, peer="other")
    assert len(deliveries(house.db, WAITING, peer="pacs")) == 3
