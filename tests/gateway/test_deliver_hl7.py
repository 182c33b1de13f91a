"""Delivery to a real reporting system over MLLP, a process of its own, on SQLite.

Covered: accepted, refused for good and for now, no answer, half an answer, a crash between taking a
message and answering it, a restart, connections that end after each answer, TLS, order within a
study, demo results that are held, what is obsolete or switched off, and that a silent peer holds up
nobody else. Not covered: what the messages say (test_hl7_message.py), and kill -9 of the deliverer
(tests/integration/test_reporting_system.py).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hl7
import pytest
from sqlalchemy import select

import db.deliveries
import gateway.outcomes
from core.errors import DatabaseAwayError
from core.labels import Label
from core.settings import Hl7Settings
from core.states import DeliveryState, JobKind, ResultKind
from db.engine import Database
from db.jobs import add_job
from db.models import Instance, Job
from db.resending import resend
from db.retractions import TakeBack, take_backs
from db.reviews import UNFIT, accept, latest_draft, reject
from tests.db.builders import read_next, reading
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.edge import add_peer
from tests.gateway.outgoing import ResultPeer, read_film, running
from tests.peers.authority import Authority
from tests.peers.mllp import MllpPeer
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
    with delivering_house(
        tmp_path / "house", hl7=Hl7Settings(acknowledgement_seconds=2.0)
    ) as opened:
        yield opened


@pytest.fixture
def ris(tmp_path: Path) -> Iterator[MllpPeer]:
    with MllpPeer(tmp_path / "ris") as peer:
        yield peer


def test_a_reading_reaches_the_reporting_system(house: House, ris: MllpPeer) -> None:
    house.ris("ris", ris.port)
    film, _reading = read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, SENT, peer="ris")
    (message,) = ris.received
    (delivery,) = house.of("ris")
    assert (delivery.status, delivery.attempts) == (0, 1)
    assert delivery.words == "AA Application accept"
    assert delivery.result.kind is ResultKind.ORU
    assert message.data.encode() == Path(delivery.result.path).read_bytes()
    segment = message.parsed.segment
    assert str(segment("MSH")[5]) == "RIS"
    assert str(segment("PID")[3]).split("^")[0] == film.PatientID
    assert house.row("ris").last_sent_at is not None


def test_a_refusal_for_good_is_one_failed_row(house: House, ris: MllpPeer) -> None:
    ris.answers("AE:204")
    house.ris("ris", ris.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, FAILED, peer="ris")
        read_film(house.db, house.spool, seed=1)  # gives it every chance to be sent again
        house.wait_for(1, SENT, peer="ris")
    (failed,) = house.of("ris", FAILED)
    assert failed.status == 204
    assert failed.words == "AE Application error, 204 Unknown key identifier: said so"
    assert failed.attempts == 1
    assert len(set(ris.control_ids)) == 2


def test_a_refused_message_is_sent_again_as_it_was_at_an_administrators_word(
    house: House, ris: MllpPeer
) -> None:
    ris.answers("AE:204")
    house.ris("ris", ris.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, FAILED, peer="ris")
        with house.db.write() as session:
            assert resend(session, "ris", 1, actor="alice").again == 1
        house.wait_for(1, SENT, peer="ris")
    assert len(ris.received) == 2
    assert len({(one.control_id, one.data) for one in ris.received}) == 1


def test_a_withdrawal_that_was_refused_leaves_the_draft_where_it_is(
    house: House, ris: MllpPeer
) -> None:
    ris.answers("AA", "AE:204")
    house.ris("ris", ris.port)
    film, _reading = read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, SENT, peer="ris")
        with house.db.write() as session:
            seen = latest_draft(session, str(film.StudyInstanceUID))
            reject(session, seen, author="Doctor^Dora", reason="no", code=UNFIT)
        house.wait_for(1, FAILED, peer="ris")
    with house.db.read() as session:
        assert take_backs(session, [1]) == {1: {"ris": TakeBack.REFUSED}}


def test_a_peer_that_is_down_holds_up_nobody_elses_results(
    house: House, ris: MllpPeer, tmp_path: Path
) -> None:
    """Its line is tried again and again while a reviewed film's results are built."""
    with MllpPeer(tmp_path / "dead") as dead:
        house.ris("dead", dead.port)
        house.ris("ris", ris.port)
        dead.process.stop()
        film, _reading = read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            house.wait_for(1, SENT, peer="ris")
            wait_until(lambda: house.row("dead").failures >= 1, 20.0, "its first failure")
            with house.db.write() as session:
                seen = latest_draft(session, str(film.StudyInstanceUID))
                accept(session, seen, author="Doctor^Dora", final=False)
            house.wait_for(2, SENT, peer="ris")
    with house.db.read() as session:
        assert not [job.error for job in session.scalars(select(Job)) if job.error]


@pytest.mark.parametrize("answer", ["AR", "AE:207", "nothing", "half", "garbage"])
def test_what_may_be_taken_later_is_sent_again_as_the_same_message(
    house: House, ris: MllpPeer, answer: str
) -> None:
    ris.answers(answer, answer)
    house.ris("ris", ris.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, SENT, peer="ris")
    assert [one.answered for one in ris.received] == [*[answer.partition(":")[0]] * 2, "AA"]
    assert len({(one.control_id, one.data) for one in ris.received}) == 1
    assert [delivery.attempts for delivery in house.of("ris")] == [3]
    assert house.row("ris").failures == 0


@pytest.mark.parametrize(("first", "state"), [("close", SENT), ("AR", FAILED)])
def test_a_peer_that_finds_a_message_again_has_it_if_it_may_have(
    house: House, ris: MllpPeer, first: str, state: DeliveryState
) -> None:
    ris.answers(first, "AE:205")
    house.ris("ris", ris.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, SENT, FAILED, peer="ris")
    (delivery,) = house.of("ris")
    assert (delivery.state, delivery.status, delivery.attempts) == (state, 205, 2)


def test_a_restart_loses_nothing_and_makes_nothing_new(house: House, ris: MllpPeer) -> None:
    """The peer dies with a message taken and not answered, and is away for a while."""
    ris.answers("AA", "crash")
    house.ris("ris", ris.port)
    with running(house.settings, house.db, house.spool):
        for seed in range(4):
            read_film(house.db, house.spool, seed=seed)
        wait_until(lambda: not ris.process.running, 30.0, "the peer to die")
        wait_until(lambda: house.row("ris").failures >= 2, 20.0, "a second attempt")
        ris.start()
        house.wait_for(4, SENT, peer="ris")
    by_id = {one.control_id: one.data for one in ris.received}
    assert len(by_id) == 4
    assert len(ris.received) == 5
    assert all(by_id[one.control_id] == one.data for one in ris.received)


def test_a_crash_of_ours_after_sending_sends_the_same_message_again(
    house: House, ris: MllpPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.ris("ris", ris.port)
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
        house.wait_for(1, SENT, peer="ris")
    assert len(ris.received) == 2
    assert len({(one.control_id, one.data) for one in ris.received}) == 1


def test_a_peer_that_closes_after_each_answer_gets_all_without_a_pause(
    house: House, ris: MllpPeer
) -> None:
    ris.answers(*(["AA-close"] * 4))
    for seed in range(4):
        read_film(house.db, house.spool, seed=seed)
    house.ris("ris", ris.port)
    with running(house.settings, house.db, house.spool):
        house.wait_for(4, SENT, peer="ris")
    assert len(set(ris.control_ids)) == len(ris.received) == 4
    # One end may come too late to be noticed before the next message goes.
    assert sum(delivery.attempts for delivery in house.of("ris")) <= 5


def test_a_silent_peer_holds_up_nobody_else(house: House, ris: MllpPeer, tmp_path: Path) -> None:
    with MllpPeer(tmp_path / "silent") as silent, ResultPeer() as pacs:
        silent.answers(*(["nothing"] * 50))
        house.ris("a-silent", silent.port)
        house.ris("ris", ris.port)
        add_peer(house.db, "pacs", port=pacs.port, takes_results=True)
        for seed in range(2):
            read_film(house.db, house.spool, seed=seed)
        with running(house.settings, house.db, house.spool):
            house.wait_for(2, SENT, peer="ris")
            house.wait_for(6, SENT, peer="pacs")
            assert len(house.of("a-silent", WAITING)) == 2
            wait_until(lambda: house.row("a-silent").failures >= 1, 20.0, "its first failure")
    assert "no whole answer" in (house.row("a-silent").last_error or "")


def test_over_tls_and_not_at_all_where_the_certificate_does_not_fit(
    house: House, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    certificate = authority.issue("ris", "IP:127.0.0.1")
    stranger = Authority(tmp_path, "stranger").certificate
    with MllpPeer(tmp_path / "ris", certificate=certificate) as ris:
        house.ris("ris", ris.port, tls=True, tls_ca_file=str(stranger))
        read_film(house.db, house.spool)
        with running(house.settings, house.db, house.spool):
            wait_until(lambda: house.row("ris").failures >= 2, 20.0, "a second attempt")
            assert "unable to get local issuer certificate" in (house.row("ris").last_error or "")
            assert ris.received == []
            assert [row.attempts for row in house.of("ris", WAITING)] == [0]
            house.ris("ris", ris.port, tls=True, tls_ca_file=str(authority.certificate))
            house.wait_for(1, SENT, peer="ris")
    assert len(ris.received) == 1


def test_a_second_reading_deletes_what_the_first_said_and_it_does_not(
    house: House, ris: MllpPeer
) -> None:
    house.ris("ris", ris.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, SENT, peer="ris")
        read_again(house.db, Label.PNEUMOTHORAX)
        house.wait_for(2, SENT, peer="ris")
    first, second = ris.received
    assert first.control_id != second.control_id
    ((sub_id, (said, status)),) = answers(first.parsed, "60046008").items()
    assert (said, status) == ("52101004", "P")
    assert answers(second.parsed, "60046008")[sub_id] == ('""', "D")
    assert ("52101004", "P") in answers(second.parsed, "36118008").values()


def test_what_is_under_way_when_it_is_superseded_is_deleted_all_the_same(
    house: House, ris: MllpPeer
) -> None:
    """The second message is made while the answer to the first is still waited for."""
    ris.answers("delay:1.5")
    house.ris("ris", ris.port)
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        wait_until(lambda: ris.received, 20.0, "the first message")
        read_again(house.db, Label.PNEUMOTHORAX)
        house.wait_for(2, SENT, peer="ris")
    first, *_again, second = ris.received
    ((sub_id, _answer),) = answers(first.parsed, "60046008").items()
    assert answers(second.parsed, "60046008")[sub_id] == ('""', "D")


def test_what_was_superseded_before_it_left_is_not_sent(house: House, ris: MllpPeer) -> None:
    house.ris("ris", ris.port, enabled=True)
    ris.process.stop()
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, WAITING, peer="ris")
        read_again(house.db, Label.PNEUMOTHORAX)
        house.wait_for(1, OBSOLETE, peer="ris")
        ris.start()
        house.wait_for(1, SENT, peer="ris")
    (message,) = ris.received
    assert "|D|" not in message.data


def test_a_demo_result_is_held_until_the_peer_accepts_it(house: House, ris: MllpPeer) -> None:
    house.ris("ris", ris.port)
    read_film(house.db, house.spool, demo=True)
    with running(house.settings, house.db, house.spool):
        house.wait_for(1, HELD, peer="ris")
        assert ris.received == []
        house.ris("ris", ris.port, accepts_demo=True)
        house.wait_for(1, SENT, peer="ris")
    (message,) = ris.received
    assert str(message.parsed.segment("MSH")[11]) == "T"


def test_a_peer_that_is_switched_off_gets_what_waits_once_it_is_on(
    house: House, ris: MllpPeer
) -> None:
    house.ris("ris", ris.port)
    ris.answers("AR")
    read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        wait_until(lambda: ris.received, 20.0, "the first attempt")
        house.ris("ris", ris.port, enabled=False)
        pacs = ResultPeer()
        add_peer(house.db, "pacs", port=pacs.port, takes_results=True)
        with pacs:
            read_film(house.db, house.spool, seed=1)
            read_film(house.db, house.spool, seed=2)
            house.wait_for(6, SENT, peer="pacs")
        assert len(house.of("ris", SENT)) == 0
        house.ris("ris", ris.port)
        house.wait_for(1, SENT, peer="ris")


def read_again(db: Database, label: Label) -> None:
    """Read the film of an installation once more, with another finding."""
    with db.write() as session:
        (film,) = session.scalars(select(Instance))
        add_job(session, JobKind.DRAFT, instance_id=film.id, study_id=film.study_id)
    read_next(db, reading(label))


def answers(message: hl7.Message, code: str) -> dict[str, tuple[str, str]]:
    """Give value and status of the observations of a code, by their sub-identifiers."""
    return {
        str(obx[4]): (str(obx[5]).partition("^")[0], str(obx[11]))
        for obx in message.segments("OBX")
        if str(obx[3]).partition("^")[0] == code
    }
