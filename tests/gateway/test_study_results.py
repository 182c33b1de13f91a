"""Results of a film that was read again, renamed, rejected or reported on, as peers get them.

Covered: predecessors for each peer by itself, one name for a patient, rejection notes to those that
take them, and what is on the wire when a note or a signed report comes. Not covered: which films
are corrected or rejected (tests/db), real archives (tests/integration).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from sqlalchemy import select

from core.labels import Label
from core.states import DeliveryState, JobKind, ResultKind
from db.engine import Database
from db.jobs import add_job
from db.models import Instance, Peer, ResultObject, Study
from db.received import PatientFacts
from db.signed_reports import AFTER_REPORT
from db.spool import Spool
from gateway.contexts import RESULT_CLASSES
from tests.db.builders import read_next, reading, reject, sign
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.outgoing import ResultPeer, deliveries, read_film, results, running
from tests.waiting import wait_until

SENT = DeliveryState.SENT
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


class House:
    """A database, a spool and a deliverer's settings."""

    def __init__(self, folder: Path) -> None:
        self.settings = make_settings(folder)
        prepare_database(self.settings)
        self.db = Database(self.settings.database_url)
        self.spool = Spool(self.settings.spool_folder, 0)

    def deliver(self, number: int) -> None:
        """Deliver until so many objects were sent."""
        with running(self.settings, self.db, self.spool):
            wait_until(lambda: len(deliveries(self.db, SENT)) == number, 30.0, "the results")

    def read_again(self) -> None:
        """Read the only film once more."""
        with self.db.write() as session:
            add_job(session, JobKind.DRAFT, instance_id=1, study_id=1)
        read_next(self.db, reading(Label.EDEMA))

    def stop(self, name: str, *, enabled: bool) -> None:
        """Silence a peer, or let it be heard again."""
        with self.db.write() as session:
            peer = session.scalars(select(Peer).where(Peer.name == name)).one()
            peer.enabled = enabled


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.db.close()


@pytest.fixture
def peers(house: House) -> Iterator[dict[str, ResultPeer]]:
    """Give two peers, the first of which takes rejection notes."""
    with ExitStack() as stack:
        found = {name: stack.enter_context(ResultPeer()) for name in ("takes", "deaf")}
        for name, peer in found.items():
            add_peer(
                house.db,
                name,
                port=peer.port,
                takes_results=True,
                takes_rejections=name == "takes",
            )
        yield found


def _predecessor(document: Dataset) -> str | None:
    for study in document.get("PredecessorDocumentsSequence", ()):
        (series,) = study.ReferencedSeriesSequence
        return str(series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
    return None


def _reports(peer: ResultPeer) -> list[Dataset]:
    return [item for item in peer.stored if "VerificationFlag" in item]


def test_a_second_reading_replaces_what_that_very_peer_has(
    house: House, peers: dict[str, ResultPeer]
) -> None:
    house.stop("deaf", enabled=False)
    read_film(house.db, house.spool)
    house.deliver(3)
    house.stop("deaf", enabled=True)
    house.read_again()
    house.deliver(9)
    before, after = _reports(peers["takes"])[:2], _reports(peers["takes"])[2:]
    assert {_predecessor(item) for item in after} == {item.SOPInstanceUID for item in before}
    assert [_predecessor(item) for item in _reports(peers["deaf"])] == [None, None]
    rows = [row for row in results(house.db) if row.predecessor_uid is not None]
    assert {row.predecessor_uid for row in rows} == {item.SOPInstanceUID for item in before}
    # Series and presentation states: nobody gets one object twice.
    assert len(set(peers["takes"].tried)) == len(peers["takes"].tried) == 6
    assert len(set(peers["deaf"].tried)) == len(peers["deaf"].tried) == 3


def test_results_bear_the_name_that_was_told_last(
    house: House, peers: dict[str, ResultPeer]
) -> None:
    read_film(house.db, house.spool, PatientName="Mueller^Erika", PatientSex="F")
    with house.db.write() as session:
        study = session.scalars(select(Study)).one()
        study.patient_name, study.birth_date = "Müller-Lüdenscheidt^Erika", "19491231"
        # What nobody told stays as the film has it.
        study.sex = ""
    house.deliver(6)
    for item in peers["takes"].stored:
        assert item.PatientName == "Müller-Lüdenscheidt^Erika"
        assert (item.PatientBirthDate, item.PatientSex) == ("19491231", "F")
        assert item.PatientID == "P-1"


def test_a_rejected_films_results_are_taken_back_where_notes_are_taken(
    house: House, peers: dict[str, ResultPeer]
) -> None:
    film, _said = read_film(house.db, house.spool, demo=False)
    house.deliver(6)
    drafts = {item.SOPInstanceUID for item in peers["takes"].stored}
    reject(house.db, house.spool, 1, study=str(film.StudyInstanceUID), patient=PatientFacts("P-1"))
    house.deliver(7)
    (note,) = [item for item in peers["takes"].stored if item.SOPClassUID == KEY_OBJECTS]
    (study,) = note.CurrentRequestedProcedureEvidenceSequence
    assert drafts == {
        one.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
    assert len(peers["deaf"].tried) == 3
    with house.db.read() as session:
        (row,) = session.scalars(
            select(ResultObject).where(ResultObject.kind == ResultKind.REJECTION)
        )
        assert session.get_one(Instance, row.instance_id).rejection_code == "113001"
    assert KEY_OBJECTS in RESULT_CLASSES


@pytest.fixture
def slow(house: House) -> Iterator[tuple[ResultPeer, Event, Event]]:
    """Give a peer that answers its first object when it is let go, and the event of its coming."""
    came, go_on = Event(), Event()

    def answer(_event: evt.Event) -> int:
        came.set()
        go_on.wait(30.0)
        return 0

    with ResultPeer(answer) as peer:
        add_peer(house.db, "slow", port=peer.port, takes_results=True, takes_rejections=True)
        yield peer, came, go_on
        go_on.set()


def test_what_is_on_the_wire_when_its_film_is_rejected_is_taken_back(
    house: House, slow: tuple[ResultPeer, Event, Event]
) -> None:
    peer, came, go_on = slow
    film, _said = read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        assert came.wait(30.0)
        reject(
            house.db, house.spool, 1, study=str(film.StudyInstanceUID), patient=PatientFacts("P-1")
        )
        go_on.set()
        wait_until(lambda: len(deliveries(house.db, SENT)) == 2, 30.0, "the note")
    first, note = peer.stored
    assert note.SOPClassUID == KEY_OBJECTS
    (study,) = note.CurrentRequestedProcedureEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    assert [one.ReferencedSOPInstanceUID for one in series.ReferencedSOPSequence] == [
        first.SOPInstanceUID
    ]
    assert len(deliveries(house.db, DeliveryState.OBSOLETE)) == 2


def test_a_report_that_comes_while_results_are_sent_stops_the_rest(
    house: House, slow: tuple[ResultPeer, Event, Event]
) -> None:
    peer, came, go_on = slow
    film, _said = read_film(house.db, house.spool)
    with running(house.settings, house.db, house.spool):
        assert came.wait(30.0)
        sign(house.db, house.spool, study=str(film.StudyInstanceUID), patient=PatientFacts("P-1"))
        go_on.set()
        wait_until(lambda: len(deliveries(house.db, SENT)) == 1, 30.0, "the first to be noted")
    assert len(peer.tried) == 1
    stopped = deliveries(house.db, DeliveryState.OBSOLETE)
    assert [one.words for one in stopped] == [AFTER_REPORT] * 2
