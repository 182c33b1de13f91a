"""The life of a study between a real Orthanc and the gateway: several films, and what undoes them.

Covered: PA after AP, a corrected film, rejection notes with and without a taker, a changed name, a
changed PatientID, a late film after a signed report, priors that the Orthanc has. Films come from
Orthanc and results go back into it; the readings themselves are made up, so no model is covered.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from sqlalchemy import select

from core.labels import Label
from core.states import DeliveryState, FilmState, Purpose, ResultKind, StudyState
from core.triage import Tier
from db.models import AuditAction, AuditEvent, Instance, Retrieval, Study
from db.priors import priors_of
from db.worklist import WorklistRow, worklist
from gateway.priors import PriorSearcher
from gateway.retriever import Retriever
from tests.commands.shell import firstread
from tests.db.builders import read_next, reading
from tests.gateway.documents import reference, rejection_note, signed_report
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import DX, film, save
from tests.gateway.outgoing import deliveries, results, running
from tests.peers.dcmtk import storescu
from tests.peers.dicom3tools import dciodvfy
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until

SENT = DeliveryState.SENT


@dataclass
class Hospital:
    """An Orthanc as PACS, the gateway and the delivery beside it."""

    edge: Edge
    orthanc: Orthanc
    folder: Path

    def send(self, dataset: Dataset) -> None:
        """Let an object into the PACS, which sends it on to the gateway."""
        self.archive(dataset)
        (found,) = self.orthanc.find("Instance", SOPInstanceUID=str(dataset.SOPInstanceUID))
        answer = self.orthanc.post("/modalities/firstread/store", found["ID"])
        assert answer["FailedInstancesCount"] == 0

    def archive(self, dataset: Dataset) -> None:
        """Let an object into the PACS alone."""
        path = save(dataset, self.folder)
        outcome = storescu([path], self.orthanc.dicom_port, called=self.orthanc.ae_title)
        assert outcome.statuses == [0], outcome.output[-2000:]

    def read(self, *present: Label) -> str:
        """Let a worker read the next film; give its reading."""
        said = reading(*present)
        read_next(self.edge.db, said)
        return said.id

    def sent(self, number: int) -> None:
        """Wait until so many objects were sent."""
        wait_until(lambda: len(deliveries(self.edge.db, SENT)) == number, 60.0, "the results")

    def held(self, kind: ResultKind, film_uid: str) -> list[Dataset]:
        """Fetch what the PACS holds of a kind and a film, oldest first."""
        rows = [
            row
            for row in results(self.edge.db)
            if row.kind is kind and self.film_of(row) == film_uid
        ]
        return [dcmread(self.orthanc.download(row.uid, self.folder)) for row in rows]

    def film_of(self, row: Any) -> str:
        """Give the UID of a result's film."""
        with self.edge.db.read() as session:
            return session.get_one(Instance, row.instance_id).uid

    def row(self) -> WorklistRow:
        """Give the only row of the worklist."""
        with self.edge.db.read() as session:
            (row,) = worklist(session)
        return row

    def instance(self, dataset: Dataset) -> Instance:
        """Give the row of an object."""
        with self.edge.db.read() as session:
            return session.scalars(
                select(Instance).where(Instance.uid == str(dataset.SOPInstanceUID))
            ).one()

    def audit(self, action: AuditAction) -> list[AuditEvent]:
        """Give the events of one sort."""
        with self.edge.db.read() as session:
            return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


@contextmanager
def _hospital(orthanc: Orthanc, folder: Path, **peer: Any) -> Iterator[Hospital]:
    with open_edge(folder / "edge") as edge:
        facts = {
            "ae_title": orthanc.ae_title,
            "port": orthanc.dicom_port,
            "sends_films": True,
            "takes_results": True,
        }
        add_peer(edge.db, "pacs", **(facts | peer))
        orthanc.add_modality("firstread", edge.settings.gateway.ae_title, edge.port)
        orthanc.add_modality("second", edge.settings.gateway.retrieval_ae_title, edge.port)
        with running(edge.settings, edge.db, edge.spool):
            yield Hospital(edge, orthanc, folder)


@pytest.fixture
def hospital(orthanc: Orthanc, tmp_path: Path) -> Iterator[Hospital]:
    with _hospital(orthanc, tmp_path) as opened:
        yield opened


@pytest.fixture
def taker(orthanc: Orthanc, tmp_path: Path) -> Iterator[Hospital]:
    """Give a hospital whose PACS takes rejection notes."""
    with _hospital(orthanc, tmp_path, takes_rejections=True) as opened:
        yield opened


def _predecessors(document: Dataset) -> list[tuple[str, str]]:
    """Give what a document says it replaces, each with the purpose's code."""
    return [
        (str(one.ReferencedSOPInstanceUID), str(one.PurposeOfReferenceCodeSequence[0].CodeValue))
        for study in document.get("PredecessorDocumentsSequence", ())
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    ]


def test_pa_after_ap_both_are_read_and_the_preferred_draft_is_first(hospital: Hospital) -> None:
    study = generate_uid()
    ap = film(StudyInstanceUID=study, ViewPosition="AP", seed=1)
    pa = film(StudyInstanceUID=study, ViewPosition="PA", seed=2)
    hospital.send(ap)
    hospital.read(Label.PNEUMOTHORAX)
    hospital.sent(3)
    hospital.send(pa)
    preferred = hospital.read(Label.EDEMA)
    hospital.sent(6)
    row = hospital.row()
    assert (row.state, row.films) == (StudyState.DRAFT_READY, (FilmState.READ, FilmState.READ))
    assert row.flagged == (Label.EDEMA, Label.PNEUMOTHORAX)
    assert (row.tier, row.preferred_reading_id) == (Tier.URGENT, preferred)
    for one in (ap, pa):
        (report,) = hospital.held(ResultKind.REPORT_SR, one.SOPInstanceUID)
        # Another film of the study replaces nothing.
        assert _predecessors(report) == []
    assert "PA 1/2" in report.SeriesDescription


def test_films_that_are_read_together_leave_with_the_preferred_one_first(
    hospital: Hospital,
) -> None:
    study = generate_uid()
    ap = film(StudyInstanceUID=study, ViewPosition="AP", seed=1, AcquisitionDate="20260302")
    pa = film(StudyInstanceUID=study, ViewPosition="PA", seed=2, AcquisitionDate="20260301")
    hospital.send(ap)
    hospital.send(pa)
    # The study is not idle before both are read.
    read_next(hospital.edge.db, reading(Label.EDEMA), idle_seconds=3600)
    read_next(hospital.edge.db, reading(), idle_seconds=0)
    hospital.sent(6)
    order = [hospital.film_of(row) for row in results(hospital.edge.db)]
    assert order == [pa.SOPInstanceUID] * 3 + [ap.SOPInstanceUID] * 3


def test_a_corrected_film_replaces_what_was_sent_of_the_rejected_one(hospital: Hospital) -> None:
    wrong = film(seed=1)
    hospital.send(wrong)
    hospital.read(Label.PNEUMOTHORAX)
    hospital.sent(3)
    hospital.send(rejection_note(wrong))
    right = film(
        seed=2,
        StudyInstanceUID=wrong.StudyInstanceUID,
        SourceImageSequence=[reference(wrong.SOPInstanceUID, wrong.SOPClassUID)],
    )
    hospital.send(right)
    current = hospital.read(Label.EDEMA)
    hospital.sent(6)
    for kind in (ResultKind.REPORT_SR, ResultKind.FINDINGS_SR):
        (before,) = hospital.held(kind, wrong.SOPInstanceUID)
        (after,) = hospital.held(kind, right.SOPInstanceUID)
        assert _predecessors(after) == [(before.SOPInstanceUID, "121360")]
    row = hospital.row()
    assert (row.flagged, row.preferred_reading_id) == ((Label.EDEMA,), current)
    # The tier never falls, whatever becomes of the film that raised it.
    assert row.tier is Tier.URGENT
    assert row.left_behind == ("pacs",)


def test_a_rejection_note_alone_takes_the_draft_back_where_notes_are_taken(
    taker: Hospital,
) -> None:
    wrong = film()
    taker.send(wrong)
    taker.read(Label.PNEUMOTHORAX)
    taker.sent(3)
    taker.send(rejection_note(wrong, title="113037"))
    taker.sent(4)
    (note,) = taker.held(ResultKind.REJECTION, wrong.SOPInstanceUID)
    assert note.ConceptNameCodeSequence[0].CodeValue == "113037"
    (study,) = note.CurrentRequestedProcedureEvidenceSequence
    named = {
        one.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
    drafts = [row for row in results(taker.edge.db) if row.kind is not ResultKind.REJECTION]
    assert named == {row.uid for row in drafts}
    assert study.StudyInstanceUID == wrong.StudyInstanceUID
    assert dciodvfy(taker.orthanc.download(note.SOPInstanceUID, taker.folder)) == []
    instance = taker.instance(wrong)
    assert instance.state is FilmState.NOT_READ
    assert instance.reason == "rejected for patient safety reasons"
    row = taker.row()
    assert (row.state, row.answered, row.flagged) == (StudyState.NOT_READ, False, ())
    assert row.left_behind == ()
    # Orthanc sends the study on as it is now: our note comes back and is dropped.
    (found,) = taker.orthanc.find("Study", StudyInstanceUID=str(wrong.StudyInstanceUID))
    answer = taker.orthanc.post("/modalities/firstread/store", found["ID"])
    assert answer["FailedInstancesCount"] == 0
    assert len(taker.edge.instances()) == 2


def test_a_note_before_its_film_stops_it(hospital: Hospital) -> None:
    wrong = film()
    hospital.send(rejection_note(wrong))
    hospital.send(wrong)
    assert hospital.instance(wrong).state is FilmState.NOT_READ
    assert hospital.edge.jobs() == []


def test_a_changed_name_is_an_update_and_results_bear_the_new_one(hospital: Hospital) -> None:
    first = film(PatientName="Mueller^Erika", seed=1)
    second = film(
        PatientName="Maier^Erika",
        seed=2,
        StudyInstanceUID=first.StudyInstanceUID,
        ViewPosition="AP",
    )
    hospital.send(first)
    hospital.send(second)
    hospital.read()
    hospital.read()
    hospital.sent(6)
    (event,) = hospital.audit(AuditAction.DEMOGRAPHICS_CHANGED)
    assert event.details == {"changes": {"patient_name": ["Mueller^Erika", "Maier^Erika"]}}
    assert hospital.row().patient_name == "Maier^Erika"
    # The first film itself still bears the old one; a patient has one name in the PACS.
    for one in (first, second):
        (report,) = hospital.held(ResultKind.REPORT_SR, one.SOPInstanceUID)
        assert report.PatientName == "Maier^Erika"


def test_a_changed_patient_id_is_kept_aside(hospital: Hospital) -> None:
    first = film(PatientID="P-1", seed=1)
    hospital.send(first)
    other = film(PatientID="P-2", seed=2, StudyInstanceUID=first.StudyInstanceUID)
    # The PACS has two patients now, and sends both of them with success.
    hospital.send(other)
    assert len(hospital.edge.instances()) == 1
    (aside,) = hospital.edge.quarantine()
    assert aside.reason == "patient ID or issuer differs from the study's"
    assert len(hospital.edge.jobs()) == 1


def test_a_late_film_after_the_signed_report_is_read_and_stays_here(hospital: Hospital) -> None:
    first = film(seed=1)
    hospital.send(first)
    hospital.read()
    hospital.sent(3)
    hospital.send(signed_report(first))
    late = film(seed=2, StudyInstanceUID=first.StudyInstanceUID)
    hospital.send(late)
    hospital.read(Label.PNEUMOTHORAX)
    wait_until(
        lambda: all(job.finished_at for job in hospital.edge.jobs()), 30.0, "the study to be done"
    )
    assert len(deliveries(hospital.edge.db)) == 3
    row = hospital.row()
    assert row.signed_since is not None
    assert (row.undelivered, row.answered) == (1, True)
    # It is flagged all the same: somebody may have missed it.
    assert (row.flagged, row.tier) == ((Label.PNEUMOTHORAX,), Tier.URGENT)


def test_priors_are_fetched_and_stand_beside_the_draft(orthanc: Orthanc, tmp_path: Path) -> None:
    patient = f"P-{generate_uid()[-12:]}"
    earlier = film(seed=1, PatientID=patient, StudyDate="20250301", ViewPosition="AP")
    lateral = film(
        seed=2,
        PatientID=patient,
        StudyDate="20250301",
        StudyInstanceUID=earlier.StudyInstanceUID,
        ViewPosition="LL",
    )
    report = signed_report(earlier, "Small effusion on the left.")
    unsigned = signed_report(earlier, "Machine says.", VerificationFlag="UNVERIFIED")
    namesake = film(seed=3, PatientID=f"{patient}0", StudyDate="20250401", ViewPosition="PA")
    today = film(seed=4, PatientID=patient, StudyDate="20260301", SOPClassUID=DX, Modality="DX")
    with _hospital(orthanc, tmp_path, gives_priors=True) as hospital:
        edge = hospital.edge
        for dataset in (earlier, lateral, report, unsigned, namesake):
            hospital.archive(dataset)
        hospital.send(today)
        with PriorSearcher(edge.settings, edge.db), Retriever(edge.settings, edge.db):
            wait_until(lambda: _found(hospital, today), 60.0, "the priors")
        (prior,) = _found(hospital, today)
        assert prior.study_uid == earlier.StudyInstanceUID
        assert [(one.uid, one.view, one.source) for one in prior.films] == [
            (earlier.SOPInstanceUID, "AP", "fetched")
        ]
        assert [one.uid for one in prior.reports] == [report.SOPInstanceUID]
        row = hospital.instance(earlier)
        assert (row.purpose, row.state) == (Purpose.PRIOR, FilmState.RECEIVED)
        # Only today's film is read and listed, and it waited for nothing.
        assert hospital.row().study_uid == today.StudyInstanceUID
        hospital.read()
        hospital.sent(3)
        with edge.db.read() as session:
            assert session.scalars(select(Retrieval.study_uid)).all() == [earlier.StudyInstanceUID]
        known = _study_command(edge, today)
    (shown,) = known["priors"]
    assert shown["reports"][0]["text"] == "Finding: Small effusion on the left."
    assert [film["uid"] for film in shown["films"]] == [earlier.SOPInstanceUID]
    assert len(known["results"]) == 3


def _found(hospital: Hospital, today: Dataset) -> list[Any]:
    with hospital.edge.db.read() as session:
        study_id = session.scalars(
            select(Study.id).where(Study.uid == str(today.StudyInstanceUID))
        ).one()
        priors = priors_of(session, study_id)
        open_jobs = session.scalars(select(Retrieval).where(Retrieval.finished_at.is_(None))).all()
    return list(priors) if not open_jobs and all(one.reports for one in priors) else []


def _study_command(edge: Edge, dataset: Dataset) -> dict[str, Any]:
    file = edge.settings.data / "firstread.toml"
    file.write_text(f'data = "{edge.settings.data}"\n')
    run = firstread("--settings", str(file), "study", str(dataset.StudyInstanceUID), "--json")
    assert run.returncode == 0, run.stderr
    known: dict[str, Any] = json.loads(run.stdout)
    return known
