"""The whole loop with everything real: PostgreSQL, Redis, Orthanc as the PACS, the demo model.

Covered: a real chest film and a phantom go from dcmtk's storescu through gateway, worker and
delivery; their SR and GSPS lie in the same study in Orthanc, valid, marked as drafts, and tied to
the film; a leg, a CT, an SR and broken files end as their manifest asks, and bring no result.
Not covered here: what happens when a process or a peer fails (beside this file and in
`tests/worker`), and every other film of the manifest (`test_listener`, `tests/imaging`).
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from sqlalchemy import select

from core.errors import FirstReadError
from core.states import FilmState, JobKind
from db.engine import Database
from db.jobs import waiting
from db.models import Instance, Job, Quarantine, ResultObject
from gateway.scu import send_files
from tests.integration.installation import Installation, installation
from tests.peers.dcmtk import findscu, storescu
from tests.peers.dicom3tools import dciodvfy
from tests.peers.orthanc import Orthanc
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.waiting import wait_until
from training.phantom import sample
from training.phantom_dicom import FilmForm, write_film

REFUSED = "refused"
QUARANTINED = "quarantined"
ENDINGS: dict[str, set[str]] = {
    "frontal_cxr": {FilmState.READ},
    "not_chest": {FilmState.NOT_READ},
    "not_frontal_human": {FilmState.NOT_READ},
    "not_radiograph": {FilmState.NOT_READ, FilmState.RECEIVED, REFUSED},
    "not_image_to_read": {FilmState.NOT_READ, FilmState.RECEIVED, REFUSED},
    "no_pixel_data": {QUARANTINED, REFUSED},
    "broken": {QUARANTINED, REFUSED},
}
"""How a file may end, by the manifest's `expected`."""
SECONDARY = "dicom/nih_00000002_000_as_sc.dcm"
"""Read only where the policy allows secondary captures, which it does not here."""


@pytest.fixture(scope="module")
def house(
    orthanc: Orthanc,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    # Another module sends the same real film through the same Orthanc.
    orthanc.clear()
    with installation(
        tmp_path_factory.mktemp("hospital"),
        database_url=postgres_server.new_database(),
        broker_url=redis_server.url,
        pacs_ae=orthanc.ae_title,
        pacs_port=orthanc.dicom_port,
    ) as running:
        yield running
    orthanc.clear()


def _settled(db: Database) -> bool:
    """Tell whether no film waits or is being read, and no result is on its way."""
    busy = (JobKind.DRAFT, JobKind.PUBLISH)
    with db.read() as session:
        open_jobs = session.scalars(
            select(Job.id).where(Job.kind.in_(busy), Job.finished_at.is_(None))
        ).all()
    return not open_jobs and waiting(db, busy) == 0


def _results(orthanc: Orthanc, study_uid: str, folder: Path) -> list[Path]:
    series = orthanc.find("Series", StudyInstanceUID=study_uid)
    made = [one for one in series if one["MainDicomTags"]["Modality"] in {"SR", "PR"}]
    uids = [
        instance["MainDicomTags"]["SOPInstanceUID"]
        for one in made
        for instance in orthanc.find(
            "Instance", SeriesInstanceUID=one["MainDicomTags"]["SeriesInstanceUID"]
        )
    ]
    return [orthanc.download(uid, folder) for uid in uids]


def _through(house: Installation, orthanc: Orthanc, film: Path, folder: Path) -> list[Dataset]:
    """Send a film to the PACS and to FirstRead, and give its results from the PACS."""
    header = dcmread(film, stop_before_pixels=True)
    for port, called in ((orthanc.dicom_port, orthanc.ae_title), (house.port, "FIRSTREAD")):
        outcome = storescu([film], port, called=called, options=["-xw"])
        assert outcome.statuses == [0], outcome.output[-2000:]
    uid = str(header.StudyInstanceUID)
    wait_until(lambda: len(orthanc.find("Series", StudyInstanceUID=uid)) == 4, 120.0, "results")
    listed = findscu(
        orthanc.dicom_port, QueryRetrieveLevel="SERIES", StudyInstanceUID=uid, Modality=""
    )
    assert sorted(one.Modality for one in listed) == sorted([header.Modality, "PR", "SR", "SR"])
    files = _results(orthanc, uid, folder)
    assert [dciodvfy(file) for file in files] == [[], [], []]
    return [dcmread(file) for file in files]


def _assert_drafts_of(film: Path, results: list[Dataset]) -> None:
    uid = dcmread(film, stop_before_pixels=True).SOPInstanceUID
    reports = [result for result in results if result.Modality == "SR"]
    (marks,) = [result for result in results if result.Modality == "PR"]
    for report in reports:
        assert report.PreliminaryFlag == "PRELIMINARY"
        assert report.CompletionFlag == "COMPLETE"
        assert report.VerificationFlag == "UNVERIFIED"
        assert "AI draft" in report.SeriesDescription
        assert uid in str(report)
    (series,) = marks.ReferencedSeriesSequence
    assert [image.ReferencedSOPInstanceUID for image in series.ReferencedImageSequence] == [uid]


@pytest.mark.slow
def test_a_real_chest_film_gets_its_drafts(
    house: Installation, orthanc: Orthanc, real_data: Path, tmp_path: Path
) -> None:
    film = real_data / "dicom" / "RG1_J2KI.dcm"
    _assert_drafts_of(film, _through(house, orthanc, film, tmp_path))


def test_a_phantom_gets_its_drafts_and_its_place(
    house: Installation, orthanc: Orthanc, tmp_path: Path
) -> None:
    phantom = sample(31_001, 4, findings=("pneumothorax",))
    truth = write_film(tmp_path, phantom, FilmForm("CR", "MONOCHROME1", 12, 1024))
    film = tmp_path / truth["file"]
    results = _through(house, orthanc, film, tmp_path)
    _assert_drafts_of(film, results)
    assert any("Pneumothorax" in str(result) for result in results)
    with house.db.read() as session:
        instance = session.scalars(
            select(Instance).where(Instance.uid == truth["sop_instance_uid"])
        ).one()
        assert instance.study.tier.name == "URGENT"


def test_everything_else_ends_as_its_manifest_asks(house: Installation, real_data: Path) -> None:
    with (real_data / "MANIFEST.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if _is_odd(row)]
    assert len(rows) > 12
    answers = {row["file"]: _send(house, real_data / row["file"]) for row in rows}
    wait_until(lambda: _settled(house.db), 120.0, "all films to come to rest")
    wrong = {}
    for row in rows:
        ending = answers[row["file"]] or _ending(house.db, real_data / row["file"])
        if ending not in ENDINGS[row["expected"]]:
            wrong[row["file"]] = (row["expected"], ending)
        assert not _has_results(house.db, real_data / row["file"])
    assert wrong == {}


def _is_odd(row: dict[str, str]) -> bool:
    return (
        row["file"].endswith(".dcm")
        and row["expected"] in ENDINGS
        and row["expected"] != "frontal_cxr"
        and row["file"] != SECONDARY
    )


def _send(house: Installation, path: Path) -> str | None:
    """Send a file as it is; gives `refused` where the sender was told so, or could not send it."""
    try:
        (result,) = send_files(
            [path],
            "127.0.0.1",
            house.port,
            called_ae="FIRSTREAD",
            calling_ae="DCMTK",
            timeout=30.0,
        )
    except FirstReadError:
        return REFUSED
    return None if result.stored else REFUSED


def _ending(db: Database, path: Path) -> str:
    uid = str(dcmread(path, stop_before_pixels=True, force=True).SOPInstanceUID)
    with db.read() as session:
        if session.scalars(select(Quarantine).where(Quarantine.sop_instance_uid == uid)).first():
            return QUARANTINED
        instance = session.scalars(select(Instance).where(Instance.uid == uid)).one()
        return instance.state


def _has_results(db: Database, path: Path) -> bool:
    uid = dcmread(path, stop_before_pixels=True, force=True).get("SOPInstanceUID", "")
    with db.read() as session:
        found = session.scalars(
            select(ResultObject.id).join(Instance).where(Instance.uid == str(uid))
        ).first()
    return found is not None
