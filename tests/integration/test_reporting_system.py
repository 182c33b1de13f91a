"""A reporting system beside the archive, from the reading of a film to what it holds at the end.

Covered: real processes that deliver and listen, each killed with -9 while answers of every kind are
given; and what the system shows at each step of a review, by the rules of the standard for a
receiver that keeps observations (table 0085). Readings are made up. Not covered: the archive beside
it (test_review_at_the_archive.py), and what each message says in full (tests/gateway).
"""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.settings import Hl7Settings
from core.states import DeliveryState
from db.engine import Database
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.received import PatientFacts
from db.reviews import HARMFUL, accept, edit, latest_draft, reject
from db.spool import Spool
from tests.db.builders import reject as reject_film
from tests.gateway.chart import Chart
from tests.gateway.edge import make_settings, prepare_database
from tests.gateway.outgoing import deliveries, read_film, running
from tests.integration.services import Service
from tests.peers.mllp import MllpPeer
from tests.waiting import wait_until

SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED
EFFUSION = "60046008"
IMPRESSION = "121073"
DOC = "Doctor^Dora"


@dataclass
class Hospital:
    """A delivery, and a reporting system that may be looked at."""

    db: Database
    spool: Spool
    ris: MllpPeer

    def chart(self, messages: int) -> Chart:
        """Wait for so many messages, and give what the system holds then."""
        wait_until(lambda: len(deliveries(self.db, SENT)) == messages, 30.0, "the messages")
        assert len(self.ris.received) == messages
        chart = Chart()
        for message in self.ris.received:
            chart.post(message.parsed)
        return chart


def add_ris(db: Database, port: int) -> None:
    """Enter the reporting system as a peer."""
    entry = PeerEntry(name="ris", protocol="hl7", host="127.0.0.1", port=port, takes_results=True)
    with db.write() as session:
        save_peer(session, entry)


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    settings = make_settings(tmp_path / "house")
    prepare_database(settings)
    db, spool = Database(settings.database_url), Spool(settings.spool_folder, 0)
    with MllpPeer(tmp_path / "ris") as ris:
        add_ris(db, ris.port)
        with running(settings, db, spool):
            yield Hospital(db, spool, ris)
    db.close()


@pytest.mark.parametrize("final", [False, True])
def test_what_the_system_shows_at_each_step_of_a_review(
    hospital: Hospital,
    final: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    film, _reading = read_film(hospital.db, hospital.spool)
    study = str(film.StudyInstanceUID)
    draft = hospital.chart(1)
    assert draft.of(EFFUSION) == ["52101004^Present^SCT"]
    assert draft.of(IMPRESSION)[0].startswith("AI DRAFT: ")
    assert (set(draft.orders.values()), draft.statuses) == ({"P"}, {"P"})

    with hospital.db.write() as session:
        accept(session, latest_draft(session, study), author=DOC, final=final)
    accepted = hospital.chart(2)
    status = "F" if final else "P"
    assert accepted.of(EFFUSION) == ["52101004^Present^SCT"]
    assert (set(accepted.orders.values()), accepted.statuses) == ({status}, {status})
    assert "Dora Doctor" in accepted.of(IMPRESSION)[0]

    with hospital.db.write() as session:
        edit(
            session,
            latest_draft(session, study),
            findings="No effusion.",
            impression="Clear.",
            author="Doctor^Omar",
            # The hospital owns its reports again: who has a final one still gets a correction.
            final=False,
        )
    edited = hospital.chart(3)
    status = "C" if final else "P"
    assert edited.of(EFFUSION) == []
    assert (
        edited.of(IMPRESSION)[0].endswith("Omar Doctor: Clear.")
        or "Clear." in (edited.of(IMPRESSION)[0])
    )
    assert (set(edited.orders.values()), edited.statuses) == ({status}, {status})


def test_a_rejected_draft_leaves_nothing_but_the_word_that_it_was(hospital: Hospital) -> None:
    film, _reading = read_film(hospital.db, hospital.spool)
    hospital.chart(1)
    with hospital.db.write() as session:
        seen = latest_draft(session, str(film.StudyInstanceUID))
        reject(session, seen, author=DOC, reason="Not this | patient.", code=HARMFUL)
    chart = hospital.chart(2)
    assert {code for code, _sub in chart.observations} == {"113014", "TIER", IMPRESSION}
    (said,) = chart.of(IMPRESSION)
    assert said.startswith("AI DRAFT WITHDRAWN by Dora Doctor: ")
    assert "Not this \\F\\ patient." in said


def test_a_rejected_film_takes_its_message_back(hospital: Hospital) -> None:
    film, _reading = read_film(hospital.db, hospital.spool)
    hospital.chart(1)
    study, patient = str(film.StudyInstanceUID), PatientFacts(str(film.PatientID))
    reject_film(hospital.db, hospital.spool, 1, study=study, patient=patient)
    chart = hospital.chart(2)
    assert {code for code, _sub in chart.observations} == {"113014", "TIER", IMPRESSION}
    assert "its film was rejected" in chart.of(IMPRESSION)[0]


def test_what_was_rejected_before_it_left_is_never_heard_of(hospital: Hospital) -> None:
    hospital.ris.process.stop()
    film, _reading = read_film(hospital.db, hospital.spool)
    wait_until(lambda: len(deliveries(hospital.db)) == 1, 20.0, "the message")
    with hospital.db.write() as session:
        seen = latest_draft(session, str(film.StudyInstanceUID))
        reject(session, seen, author=DOC, reason="No.", code=HARMFUL)
    hospital.ris.start()
    other, _reading = read_film(hospital.db, hospital.spool, seed=1)
    chart = hospital.chart(1)
    # The film names no accession number, so that the study stands for the order.
    assert set(chart.orders) == {str(other.StudyInstanceUID)}


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_every_kind_of_answer_and_every_kill_lose_nothing_and_repeat_nothing_as_new(
    tmp_path: Path,
) -> None:
    settings = make_settings(tmp_path / "house").model_copy(
        update={"hl7": Hl7Settings(acknowledgement_seconds=2.0)}
    )
    prepare_database(settings)
    db, spool = Database(settings.database_url), Spool(settings.spool_folder, 0)
    films = 8
    with MllpPeer(tmp_path / "ris") as ris, Service("deliver", settings) as service:
        ris.answers(
            *("AA", "half", "AE:207", "nothing", "AA", "AR", "garbage", "close", "AE:101"),
            *("other", "AA-close", "flood", "AA", "crash"),
        )
        add_ris(db, ris.port)
        for seed in range(films):
            read_film(db, spool, seed=seed)
        wait_until(lambda: len(deliveries(db)) == films, 120.0, "the messages to be made")
        wait_until(lambda: len(ris.received) >= 4, 60.0, "the first answers")
        service.end(signal.SIGKILL)
        service.start()
        wait_until(lambda: not ris.process.running, 60.0, "the system to die")
        service.end(signal.SIGKILL)
        service.start()
        ris.start()
        wait_until(lambda: len(deliveries(db, SENT)) == films - 1, 90.0, "all to be sent")
        assert service.end(signal.SIGTERM) == 0
    (refused,) = deliveries(db, FAILED)
    assert refused.words == "AE Application error, 101 Required field missing: said so"
    kept = {Path(one.result.path).read_bytes().decode() for one in deliveries(db)}
    by_id = {one.control_id: one.data for one in ris.received}
    assert len(kept) == len(by_id) == films
    assert {one.data for one in ris.received} == kept
    taken = [one.control_id for one in ris.received if one.answered in {"AA", "AA-close"}]
    # What was accepted and noted is never sent again; only a kill between the two may repeat it.
    assert len(set(taken)) == films - 1
    assert len(taken) <= len(set(taken)) + 2
    db.close()
