"""One study's life with everything real: processes, PostgreSQL, Redis, Orthanc, the demo model.

Covered: AP and PA, a rejection note, the film that corrects the rejected one, a signed report and a
late film, in one study and in this order. Each by itself, and what else may happen, is in
test_study_logic.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid
from sqlalchemy import select

from core.labels import Label
from core.states import DeliveryState, FilmState, ResultKind
from core.triage import Tier
from db.models import Instance, Peer, ReadingRow
from db.worklist import WorklistRow, worklist
from tests.gateway.documents import reference, rejection_note, signed_report
from tests.gateway.objects import save
from tests.gateway.outgoing import deliveries, results
from tests.integration.installation import Installation, installation
from tests.peers.dcmtk import storescu
from tests.peers.orthanc import Orthanc
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.waiting import wait_until
from training.phantom import sample
from training.phantom_dicom import FilmForm, write_film

pytestmark = pytest.mark.slow
STUDY = generate_uid()


@pytest.fixture
def house(
    orthanc: Orthanc, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Installation]:
    with installation(
        tmp_path,
        database_url=postgres_server.new_database(),
        broker_url=redis_server.url,
        pacs_ae=orthanc.ae_title,
        pacs_port=orthanc.dicom_port,
    ) as running:
        with running.db.write() as session:
            pacs = session.scalars(select(Peer).where(Peer.name == "pacs")).one()
            pacs.takes_rejections = True
        yield running


def _film(folder: Path, seed: int, view: str, *findings: str) -> Dataset:
    """Make a film of the one study and patient."""
    truth = write_film(
        folder, sample(seed, 4, findings=findings), FilmForm("CR", "MONOCHROME2", 12, 1024)
    )
    film = dcmread(folder / truth["file"])
    film.StudyInstanceUID, film.ViewPosition = STUDY, view
    film.PatientID, film.PatientName = "P-1", "Testfrau^Erika"
    return film


def _send(house: Installation, dataset: Dataset, folder: Path) -> None:
    outcome = storescu([save(dataset, folder)], house.port, called="FIRSTREAD")
    assert outcome.statuses == [0], outcome.output[-2000:]


def _sent(house: Installation, number: int) -> None:
    wait_until(
        lambda: len(deliveries(house.db, DeliveryState.SENT)) == number, 180.0, f"{number} results"
    )


def _row(house: Installation) -> WorklistRow:
    with house.db.read() as session:
        (row,) = worklist(session)
    return row


def _reading_of(house: Installation, film: Dataset) -> str:
    with house.db.read() as session:
        return session.scalars(
            select(ReadingRow.id)
            .join(ReadingRow.instance)
            .where(Instance.uid == str(film.SOPInstanceUID), ReadingRow.current)
        ).one()


def _state(house: Installation, film: Dataset) -> FilmState:
    with house.db.read() as session:
        return session.scalars(
            select(Instance.state).where(Instance.uid == str(film.SOPInstanceUID))
        ).one()


def test_a_studys_life(house: Installation, orthanc: Orthanc, tmp_path: Path) -> None:
    ap = _film(tmp_path, 31_001, "AP", "pneumothorax")
    pa = _film(tmp_path, 31_002, "PA")
    _send(house, ap, tmp_path)
    _sent(house, 3)
    _send(house, pa, tmp_path)
    _sent(house, 6)
    row = _row(house)
    assert (row.tier, row.films) == (Tier.URGENT, (FilmState.READ, FilmState.READ))
    assert Label.PNEUMOTHORAX in row.flagged
    assert row.preferred_reading_id == _reading_of(house, pa)

    _send(house, rejection_note(ap), tmp_path)
    _sent(house, 7)
    assert _state(house, ap) is FilmState.NOT_READ
    (note,) = [one for one in results(house.db) if one.kind is ResultKind.REJECTION]
    (held,) = orthanc.find("Instance", SOPInstanceUID=note.uid)
    assert held["MainDicomTags"]["SOPInstanceUID"] == note.uid
    assert _row(house).left_behind == ()
    assert _row(house).tier is Tier.URGENT

    corrected = _film(tmp_path, 31_003, "AP")
    corrected.SourceImageSequence = [reference(ap.SOPInstanceUID, ap.SOPClassUID)]
    _send(house, corrected, tmp_path)
    _sent(house, 10)
    before = {one.uid for one in results(house.db)[:2]}
    after = {one.predecessor_uid for one in results(house.db) if one.predecessor_uid}
    assert after == before

    _send(house, signed_report(pa), tmp_path)
    late = _film(tmp_path, 31_004, "PA")
    _send(house, late, tmp_path)
    wait_until(lambda: _state(house, late) is FilmState.READ, 180.0, "the late film to be read")
    wait_until(lambda: _row(house).undelivered == 1, 30.0, "the draft to be kept here")
    assert len(deliveries(house.db)) == 10
