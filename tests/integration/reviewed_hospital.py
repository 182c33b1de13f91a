"""A hospital whose drafts are reviewed: two archives, and what a person sees at each of them."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.settings import SiteSettings
from core.states import DeliveryState, ResultKind, Standing
from db.reviews import HARMFUL, UNFIT, accept, edit, latest_draft, reject
from db.worklist import WorklistRow, worklist
from tests.db.builders import let_show, model
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import save
from tests.gateway.outgoing import deliveries, running
from tests.peers.dcmtk import storescu
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until

SENT = DeliveryState.SENT
DOC, OTHER = "Doctor^Dora", "Doctor^Omar"
ALL = [kind.value for kind in ResultKind if kind not in {ResultKind.ORU, ResultKind.REJECTION}]
ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"
COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
DRAFT = Counter([COMPREHENSIVE_3D_SR, ENHANCED_SR, GSPS, SECONDARY_CAPTURE, KEY_OBJECTS, PDF])
REVIEWED = Counter([ENHANCED_SR, PDF])
REPLACED, PRELIMINARY = "121360", "121362"


def picture(seed: int) -> dict[str, Any]:
    """Give a matrix that can be looked at: a soft shade with a little noise."""
    rows, columns = 320, 256
    y, x = np.mgrid[0:rows, 0:columns]
    shade = 1500 + 1200 * np.sin(np.pi * y / rows) * np.sin(np.pi * x / columns)
    noise = np.random.default_rng(seed).normal(0, 8, shade.shape)
    values = (shade + noise).clip(0, 4095).astype(np.uint16)
    return {"Rows": rows, "Columns": columns, "PixelData": values.tobytes()}


@dataclass
class Reader:
    """What a person at one archive sees of a study."""

    archive: Orthanc
    study: str
    folder: Path

    def objects(self) -> list[Dataset]:
        """Give all objects of the study but its film, oldest series first."""
        found = self.archive.find("Instance", StudyInstanceUID=self.study)
        read = [
            dcmread(self.archive.download(one["MainDicomTags"]["SOPInstanceUID"], self.folder))
            for one in found
        ]
        return [one for one in read if "ViewPosition" not in one]

    def classes(self) -> Counter[str]:
        """Count the objects of each class."""
        return Counter(str(one.SOPClassUID) for one in self.objects())

    def reports(self) -> list[Dataset]:
        """Give the report documents."""
        return [one for one in self.objects() if one.SOPClassUID == ENHANCED_SR]

    def selection(self) -> Dataset:
        """Give the key object selection."""
        notes = {one.SOPInstanceUID for one in self.notes()}
        (found,) = [
            one
            for one in self.objects()
            if one.SOPClassUID == KEY_OBJECTS and one.SOPInstanceUID not in notes
        ]
        return found

    def notes(self) -> list[Dataset]:
        """Give the rejection notes."""
        return [
            one
            for one in self.objects()
            if one.SOPClassUID == KEY_OBJECTS
            and one.ConceptNameCodeSequence[0].CodeValue in {UNFIT, HARMFUL}
        ]

    def holds(self, uid: str) -> bool:
        """Tell whether an object is there."""
        return bool(self.archive.find("Instance", SOPInstanceUID=uid))

    def holds_all(self, uids: Collection[str]) -> bool:
        """Tell whether all of some objects are there."""
        return all(self.holds(uid) for uid in uids)


@dataclass
class Hospital:
    """The gateway and the delivery between two archives."""

    edge: Edge
    pacs: Orthanc
    folder: Path
    final: bool

    def send(self, dataset: Dataset) -> None:
        """Let a film into the PACS, which sends it on."""
        path = save(dataset, self.folder)
        outcome = storescu([path], self.pacs.dicom_port, called=self.pacs.ae_title)
        assert outcome.statuses == [0], outcome.output[-2000:]
        (found,) = self.pacs.find("Instance", SOPInstanceUID=str(dataset.SOPInstanceUID))
        answer = self.pacs.post("/modalities/reviewed/store", found["ID"])
        assert answer["FailedInstancesCount"] == 0

    def sent(self, number: int) -> None:
        """Wait until so many objects were sent."""
        wait_until(lambda: len(deliveries(self.edge.db, SENT)) >= number, 60.0, "the results")
        assert len(deliveries(self.edge.db, SENT)) == number

    def accept(self, study: str, by: str = DOC) -> None:
        """Let a person accept the draft."""
        with self.edge.db.write() as session:
            accept(session, latest_draft(session, study), author=by, final=self.final)

    def edit(self, study: str, findings: str, by: str = OTHER) -> None:
        """Let a person write other words."""
        with self.edge.db.write() as session:
            edit(
                session,
                latest_draft(session, study),
                findings=findings,
                impression="None.",
                author=by,
                final=self.final,
            )

    def reject(self, study: str, code: str = UNFIT) -> None:
        """Let a person reject the draft."""
        with self.edge.db.write() as session:
            seen = latest_draft(session, study)
            reject(session, seen, author=DOC, reason="Not this patient.", code=code)

    def row(self, study: str) -> WorklistRow:
        """Give a study's row of the worklist."""
        with self.edge.db.read() as session:
            (row,) = [one for one in worklist(session) if one.study_uid == study]
        return row


@contextmanager
def open_hospital(
    orthanc: Orthanc, portal: Orthanc, folder: Path, *, reporting: str = "external", **pacs: Any
) -> Iterator[Hospital]:
    with open_edge(folder / "edge") as edge:
        facts = {
            "ae_title": orthanc.ae_title,
            "port": orthanc.dicom_port,
            "sends_films": True,
            "takes_results": True,
            "takes_rejections": True,
            "result_kinds": ALL,
        }
        add_peer(edge.db, "pacs", **(facts | pacs))
        add_peer(
            edge.db,
            "portal",
            ae_title="PORTAL",
            port=portal.dicom_port,
            takes_results=True,
            result_kinds=["report_sr", "pdf"],
        )
        orthanc.add_modality("reviewed", edge.settings.gateway.ae_title, edge.port)
        settings = edge.settings.model_copy(
            update={"site": SiteSettings(institution="General Hospital")}
        )
        let_show(edge.db, model(), standing=Standing.AUTHORISED)
        with running(settings, edge.db, edge.spool):
            yield Hospital(edge, orthanc, folder, final=reporting == "firstread")


def predecessors(document: Dataset) -> list[tuple[str, str]]:
    """Give what a document names as its predecessor, and the purpose's code."""
    return [
        (str(one.ReferencedSOPInstanceUID), str(one.PurposeOfReferenceCodeSequence[0].CodeValue))
        for study in document.get("PredecessorDocumentsSequence", ())
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    ]


def flags(document: Dataset) -> tuple[str, str, str]:
    return (document.CompletionFlag, document.VerificationFlag, document.PreliminaryFlag)


def observers(document: Dataset) -> list[str]:
    return [str(one.VerifyingObserverName) for one in document.get("VerifyingObserverSequence", ())]


def named(note: Dataset) -> set[str]:
    """Give what a key object selection names, by its evidence and by its content alike."""
    evidence = {
        str(one.ReferencedSOPInstanceUID)
        for study in note.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
    content = {
        str(one.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for one in note.ContentSequence
        if one.ValueType in {"COMPOSITE", "IMAGE"}
    }
    assert content <= evidence
    return evidence


def words(document: Dataset) -> str:
    """Give all text of a document."""
    found = [str(document.get("TextValue", ""))]
    found += [words(item) for item in document.get("ContentSequence", ())]
    return "\n".join(found)
