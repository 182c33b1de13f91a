"""Correct, verify, reject: what a reader at a real Orthanc sees at every step.

Covered: series and instances, flags, the verifying observer, predecessors that are there, rejection
notes that name what was delivered and nothing else, two archives with other kinds of results, both
answers to who owns the final report, a film that cannot be drawn any more, and a deliverer that is
killed between building and sending. Films and results travel over real associations; the readings
are made up. Not covered: what the objects' content says (tests/dicom_sr), messages (HL7).
"""

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select

from core.labels import Label
from core.states import JobKind, JobState, StudyState
from db.engine import Database
from db.models import Instance, Job
from db.reviews import HARMFUL, UNFIT, accept, latest_draft, reject
from db.spool import Spool
from tests.db.builders import read_next, reading
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.objects import film
from tests.gateway.outgoing import deliveries, read_film, results
from tests.integration.reviewed_hospital import (
    ALL,
    DOC,
    DRAFT,
    KEY_OBJECTS,
    OTHER,
    PDF,
    PRELIMINARY,
    REPLACED,
    REVIEWED,
    SECONDARY_CAPTURE,
    SENT,
    Reader,
    flags,
    named,
    observers,
    open_hospital,
    picture,
    predecessors,
    words,
)
from tests.integration.services import Service
from tests.peers.dicom3tools import dciodvfy
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """Give a second archive, which gets reports and pages only."""
    server = Orthanc(tmp_path_factory.mktemp("portal"))
    server.start()
    yield server
    server.stop()


def _is_draft(report: Dataset) -> bool:
    return (
        flags(report) == ("COMPLETE", "UNVERIFIED", "PRELIMINARY")
        and observers(report) == []
        and predecessors(report) == []
    )


def _follows(at: Reader, report: Dataset, before: Dataset, purpose: str) -> bool:
    """Tell whether a report names another as its only predecessor, and that one is there."""
    uid = str(before.SOPInstanceUID)
    return predecessors(report) == [(uid, purpose)] and at.holds(uid)


@pytest.mark.parametrize(
    ("reporting", "preliminary"),
    [("external", "PRELIMINARY"), pytest.param("firstread", "FINAL", marks=pytest.mark.slow)],
)
def test_verify_correct_reject(
    orthanc: Orthanc, portal: Orthanc, tmp_path: Path, reporting: str, preliminary: str
) -> None:
    with open_hospital(orthanc, portal, tmp_path, reporting=reporting) as hospital:
        of = film(**picture(1))
        study = str(of.StudyInstanceUID)
        at_pacs, at_portal = (Reader(archive, study, tmp_path) for archive in (orthanc, portal))
        hospital.send(of)
        read_next(hospital.edge.db, reading(Label.EDEMA))

        # The draft: six objects in the PACS, in a series each; two in the portal.
        hospital.sent(8)
        assert (at_pacs.classes(), at_portal.classes()) == (DRAFT, REVIEWED)
        assert len({one.SeriesInstanceUID for one in at_pacs.objects()}) == 6
        (draft,) = at_pacs.reports()
        assert _is_draft(draft)
        assert at_pacs.holds_all(named(at_pacs.selection()))
        assert hospital.row(study).state is StudyState.DRAFT_READY

        # Verified: a new report and page; what the model marked stays as it is.
        hospital.accept(study)
        hospital.sent(12)
        assert at_pacs.classes() == DRAFT + REVIEWED
        accepted = _newest(at_pacs.reports(), draft)
        assert flags(accepted) == ("COMPLETE", "VERIFIED", preliminary)
        assert observers(accepted) == [DOC]
        assert _follows(at_pacs, accepted, draft, PRELIMINARY)
        assert _follows(at_portal, accepted, draft, PRELIMINARY)
        assert hospital.row(study).state is StudyState.ACCEPTED

        # Corrected by another person.
        hospital.edit(study, "The heart is of normal size.")
        hospital.sent(16)
        assert at_pacs.classes() == DRAFT + REVIEWED + REVIEWED
        corrected = _newest(at_pacs.reports(), draft, accepted)
        assert flags(corrected) == ("COMPLETE", "VERIFIED", preliminary)
        assert observers(corrected) == [OTHER]
        assert _follows(at_pacs, corrected, accepted, REPLACED)
        assert "The heart is of normal size." in words(corrected)
        assert "There is edema." not in words(corrected)
        assert hospital.row(study).state is StudyState.EDITED

        # Rejected: one note on exactly what the PACS has; the portal takes none.
        before = at_pacs.objects()
        hospital.reject(study, HARMFUL)
        hospital.sent(17)
        (note,) = at_pacs.notes()
        assert note.ConceptNameCodeSequence[0].CodeValue == HARMFUL
        assert named(note) == {str(one.SOPInstanceUID) for one in before}
        assert "Not this patient." in words(note)
        assert at_portal.notes() == []
        row = hospital.row(study)
        assert (row.state, row.answered) == (StudyState.REJECTED, False)
        assert row.left_behind == ("portal",)
        for one in (accepted, corrected, note):
            assert dciodvfy(orthanc.download(one.SOPInstanceUID, tmp_path)) == []

        # The PACS sends the whole study back: nothing of it is taken for a film or a report.
        (found,) = orthanc.find("Study", StudyInstanceUID=study)
        answer = orthanc.post("/modalities/reviewed/store", found["ID"])
        assert answer["FailedInstancesCount"] == 0
        assert len(hospital.edge.instances()) == 1
        assert hospital.row(study).signed_since is None


def _newest(reports: Sequence[Dataset], *known: Dataset) -> Dataset:
    uids = {one.SOPInstanceUID for one in known}
    (newest,) = [one for one in reports if one.SOPInstanceUID not in uids]
    return newest


def test_a_draft_that_was_accepted_before_it_left(
    orthanc: Orthanc, portal: Orthanc, tmp_path: Path
) -> None:
    """The model's marks leave, its unreviewed report does not, and nothing is named in vain."""
    with open_hospital(orthanc, portal, tmp_path) as hospital:
        of = film(**picture(2))
        study = str(of.StudyInstanceUID)
        hospital.send(of)
        read_next(hospital.edge.db, reading(Label.EDEMA), idle_seconds=3600)
        hospital.accept(study)
        hospital.sent(8)
        at_pacs = Reader(orthanc, study, tmp_path)
        assert at_pacs.classes() == DRAFT
        (report,) = at_pacs.reports()
        assert (observers(report), predecessors(report)) == ([DOC], [])
        assert at_pacs.holds_all(named(at_pacs.selection()))
        assert report.SOPInstanceUID not in named(at_pacs.selection())


def test_a_rejected_draft_is_read_again_and_replaced(
    orthanc: Orthanc, portal: Orthanc, tmp_path: Path
) -> None:
    with open_hospital(orthanc, portal, tmp_path, result_kinds=["report_sr"]) as hospital:
        of = film(**picture(3))
        study = str(of.StudyInstanceUID)
        hospital.send(of)
        read_next(hospital.edge.db, reading(Label.EDEMA))
        hospital.sent(3)
        hospital.reject(study)
        hospital.sent(4)
        at_pacs = Reader(orthanc, study, tmp_path)
        (draft,) = at_pacs.reports()
        (note,) = at_pacs.notes()
        assert named(note) == {draft.SOPInstanceUID}
        with hospital.edge.db.write() as session:
            instance = session.scalars(select(Instance)).one()
            session.add(
                Job(kind=JobKind.DRAFT, instance_id=instance.id, study_id=instance.study_id)
            )
        read_next(hospital.edge.db, reading())
        hospital.sent(7)
        again = _newest(at_pacs.reports(), draft)
        assert predecessors(again) == [(draft.SOPInstanceUID, REPLACED)]
        assert len(at_pacs.notes()) == 1
        assert hospital.row(study).state is StudyState.DRAFT_READY


def test_a_film_that_cannot_be_drawn_any_more_is_told(
    orthanc: Orthanc, portal: Orthanc, tmp_path: Path
) -> None:
    with open_hospital(orthanc, portal, tmp_path) as hospital:
        of = film(**picture(4))
        hospital.send(of)
        (instance,) = hospital.edge.instances()
        # Its header can be read, and its pixels are gone.
        damaged, size = Path(instance.path), 2 * 320 * 256
        damaged.write_bytes(damaged.read_bytes()[:-size] + bytes(size))
        read_next(hospital.edge.db, reading(Label.EDEMA))
        hospital.sent(5)
        at_pacs = Reader(orthanc, str(of.StudyInstanceUID), tmp_path)
        assert at_pacs.classes() == DRAFT - Counter([SECONDARY_CAPTURE, PDF])
        assert at_pacs.holds_all(named(at_pacs.selection()))
        (job,) = [job for job in hospital.edge.jobs() if job.kind is JobKind.PUBLISH]
        assert job.state is JobState.FAILED
        assert job.error is not None
        assert "no secondary_capture: " in job.error
        assert "no pdf: " in job.error


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_between_building_and_sending_it_sends_each_object_once(
    orthanc: Orthanc, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path)
    prepare_database(settings)
    db = Database(settings.database_url)
    add_peer(
        db,
        "pacs",
        ae_title=orthanc.ae_title,
        port=orthanc.dicom_port,
        takes_results=True,
        takes_rejections=True,
        result_kinds=ALL,
    )
    of, _said = read_film(db, Spool(settings.spool_folder, 0), **picture(5))
    study = str(of.StudyInstanceUID)
    with Service("deliver", settings) as service:
        orthanc.stop()
        _killed_once(service, db, 6)
        orthanc.start()
        wait_until(lambda: len(deliveries(db, SENT)) == 6, 180.0, "the draft to be sent")
        orthanc.stop()
        with db.write() as session:
            accept(session, latest_draft(session, study), author=DOC, final=False)
        _killed_once(service, db, 8)
        orthanc.start()
        wait_until(lambda: len(deliveries(db, SENT)) == 8, 180.0, "the report to be sent")
        orthanc.stop()
        with db.write() as session:
            seen = latest_draft(session, study)
            reject(session, seen, author=DOC, reason="Wrong side.", code=UNFIT)
        _killed_once(service, db, 9)
        orthanc.start()
        wait_until(lambda: len(deliveries(db, SENT)) == 9, 180.0, "the note to be sent")
        assert service.end(signal.SIGTERM) == 0
    at_pacs = Reader(orthanc, study, tmp_path)
    assert at_pacs.classes() == DRAFT + REVIEWED + Counter([KEY_OBJECTS])
    assert {str(one.SOPInstanceUID) for one in at_pacs.objects()} == {
        one.uid for one in results(db)
    }
    (note,) = at_pacs.notes()
    assert len(named(note)) == 8
    db.close()


def _killed_once(service: Service, db: Database, built: int) -> None:
    """Kill the deliverer once so many objects are built, and start another one."""
    wait_until(lambda: len(results(db)) == built, 180.0, "the objects to be built")
    service.end(signal.SIGKILL)
    service.start()
