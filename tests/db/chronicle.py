"""Random histories of studies: every kind of row, in any state and age."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.report import ReportKind
from core.states import (
    CommitmentWay,
    DeliveryState,
    FilmState,
    JobKind,
    JobState,
    Purpose,
    ResultKind,
    ReviewState,
)
from core.triage import Tier
from db.models import (
    Delivery,
    Instance,
    Job,
    Peer,
    ReadingRow,
    Rejection,
    ReportVersionRow,
    ResultObject,
    Retrieval,
    ReviewRow,
    SignedReport,
    Study,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
CR = "1.2.840.10008.5.1.4.1.1.1"
SR = "1.2.840.10008.5.1.4.1.1.88.33"
_DAYS = (1, 5, 15, 25, 40, 90)


class Chronicle:
    """Writes rows of a study's history.

    Parameters
    ----------
    session
        A writing session.
    chance
        Decides what happened.
    """

    def __init__(self, session: Session, chance: random.Random) -> None:
        self._session = session
        self._chance = chance
        self._number = 0
        self.peers = [
            self.add(Peer(name=f"p{way}", ae_title="P", host="h", port=1, commitment=way))
            for way in CommitmentWay
        ]

    def add(self, row: Any) -> Any:
        """Add one row, with its number."""
        self._session.add(row)
        self._session.flush()
        return row

    def uid(self) -> str:
        """Give another UID each time."""
        self._number += 1
        return f"1.2.{self._number}"

    def ago(self) -> datetime:
        """Give some time before now, on either side of every limit."""
        return AT - timedelta(days=self._chance.choice(_DAYS))

    def sometimes(self, of_ten: int = 2) -> bool:
        """Tell whether something happened."""
        return self._chance.randrange(10) < of_ten

    def one(self, *choices: Any) -> Any:
        """Give one of several."""
        return self._chance.choice(choices)

    def study(self) -> None:
        """Write a study with everything that may belong to one."""
        one = self.one
        study = self.add(
            Study(
                uid=self.uid(),
                patient_id=one("P1", "P1", "P2", ""),
                issuer=one("H", "H", "G"),
                review=one(ReviewState.NONE, ReviewState.ACCEPTED, ReviewState.REJECTED),
                received_at=self.ago(),
                acquired_at=one(None, self.ago()),
            )
        )
        for _ in range(one(1, 1, 2)):
            self._film(study)
        if self.sometimes():
            self.add(SignedReport(study_id=study.id, uid=self.uid(), received_at=self.ago()))
        if self.sometimes(1):
            self.add(
                Rejection(
                    note_uid=self.uid(),
                    study_uid=study.uid,
                    instance_uid=self.uid(),
                    code="113001",
                    received_at=self.ago(),
                )
            )
        if self.sometimes(1):
            self.add(
                Retrieval(
                    peer_id=self.peers[0].id,
                    study_uid=study.uid,
                    purpose=Purpose.PRIOR,
                    state=one(*JobState),
                )
            )

    def _film(self, study: Study) -> None:
        one = self.one
        # Mostly films whose work is done, or hardly any history would let anything go.
        state = one(*FilmState) if self.sometimes() else one(FilmState.READ, FilmState.NOT_READ)
        film = self.add(
            Instance(
                study_id=study.id,
                uid=self.uid(),
                sop_class_uid=one(CR, CR, CR, SR),
                series_uid="1",
                transfer_syntax_uid="1",
                path=self.uid(),
                state=state,
                purpose=one(Purpose.READ, Purpose.READ, *Purpose),
                rejection_code=one(None, None, "113001"),
                received_at=self.ago(),
                removed_at=AT if self.sometimes(1) else None,
            )
        )
        job = self.add(
            Job(
                kind=one(JobKind.DRAFT, JobKind.PUBLISH),
                state=one(*JobState) if self.sometimes(1) else JobState.DONE,
                study_id=study.id,
            )
        )
        if film.state is FilmState.READ:
            self._reading(study, film, job)

    def _reading(self, study: Study, film: Instance, job: Job) -> None:
        one = self.one
        reading = self.add(
            ReadingRow(
                id=self.uid(),
                instance_id=film.id,
                study_id=study.id,
                job_id=job.id,
                model_uid="m",
                model={},
                demo=False,
                tier=Tier.ROUTINE,
                flags=[],
                flagged_at=self.ago(),
                completed_at=one(None, self.ago(), self.ago()),
                current=not self.sometimes(1),
            )
        )
        version = self.add(
            ReportVersionRow(
                id=self.uid(),
                reading_id=reading.id,
                number=1,
                kind=ReportKind.DRAFT,
                findings="",
                impression="",
                final=self.sometimes(1),
                published_at=None if self.sometimes() else AT,
                created_at=self.ago(),
            )
        )
        if self.sometimes(3):
            self.add(
                ReviewRow(
                    study_id=study.id,
                    reading_id=reading.id,
                    version_id=version.id,
                    act=ReviewState.ACCEPTED,
                    author="A",
                    at=self.ago(),
                )
            )
        for _ in range(one(0, 1, 1, 3)):
            self._result(study, film, reading.id, version.id)

    def _result(self, study: Study, film: Instance, reading_id: str, version_id: str) -> None:
        one = self.one
        result = self.add(
            ResultObject(
                uid=self.uid(),
                kind=ResultKind.REPORT_SR,
                variant_key="",
                sop_class_uid=one(SR, SR, SR, ""),
                path=self.uid(),
                sha256="",
                study_id=study.id,
                instance_id=film.id,
                reading_id=reading_id,
                version_id=version_id,
                created_at=self.ago(),
                removed_at=AT if self.sometimes(1) else None,
            )
        )
        done = (DeliveryState.SENT, DeliveryState.COMMITTED, DeliveryState.OBSOLETE)
        for peer in self._chance.sample(self.peers, one(0, 1, 1, 2)):
            self.add(
                Delivery(
                    result_id=result.id,
                    peer_id=peer.id,
                    state=one(*DeliveryState) if self.sometimes() else one(*done),
                    changed_at=self.ago(),
                    rejection_uid=self.uid() if self.sometimes(1) else None,
                )
            )
