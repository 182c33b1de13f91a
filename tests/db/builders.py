"""Short ways to the rows and values that many tests of `db` begin with."""

import itertools
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from core.labels import Label
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    ModelIdentity,
    Presence,
    Reading,
    finding_id,
    new_reading_id,
)
from core.states import FilmState, JobKind, Purpose, ResultKind, Standing
from db.engine import Database
from db.intake import IntakeKind, IntakeOutcome, take_in
from db.jobs import Claim, claim
from db.models import Base, Instance, Job, ModelRow, ModelStanding, Peer
from db.publishing import BuiltObject, store_results
from db.readings import film_for, store_reading
from db.received import (
    PatientFacts,
    ReadDecision,
    ReceivedObject,
    RejectedInstance,
    SignedFacts,
)
from db.spool import Spool
from db.standings import standing_of

_numbers = itertools.count(1)
TO_READ = ReadDecision(FilmState.QUEUED, None, "test")
KEPT = ReadDecision(FilmState.RECEIVED, None, "test")
PATIENT = PatientFacts("P1", "HOSPITAL", "DOE^JANE", "19700101", "F")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def never_same(_first: Path, _second: Path) -> bool:
    """Stand for a comparison of pixels that finds another picture."""
    return False


def files(spool: Spool) -> set[Path]:
    """Give all files of a spool, the temporary ones too."""
    return {path for path in spool.folder.rglob("*") if path.is_file()}


def count(db: Database, table: type[Base]) -> int:
    """Give the number of a table's rows."""
    with db.read() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def received(
    spool: Spool,
    uid: str | None = None,
    *,
    study: str = "1.2.3",
    content: bytes = b"pixels",
    patient: PatientFacts = PATIENT,
    purpose: Purpose = Purpose.READ,
    view: str = "PA",
    acquired_at: datetime | None = None,
    **more: Any,
) -> ReceivedObject:
    """Write a temporary file and give the object that it stands for."""
    temporary = spool.temporary()
    temporary.write_bytes(content)
    return ReceivedObject(
        temporary=temporary,
        sop_instance_uid=uid or f"1.2.3.4.{next(_numbers)}",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        study_uid=study,
        series_uid="1.2.3.5",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        modality="CR",
        view=view,
        patient=patient,
        calling_ae="MODALITY",
        called_ae="FIRSTREAD",
        purpose=purpose,
        acquired_at=acquired_at,
        **more,
    )


def film(db: Database, spool: Spool, *, decision: ReadDecision = TO_READ, **facts: object) -> int:
    """Take in one new film and give its row's number."""
    outcome = take_in(db, spool, received(spool, **facts), decision, never_same)  # type: ignore[arg-type]
    assert outcome.kind is IntakeKind.NEW
    assert outcome.instance_id is not None
    return outcome.instance_id


def reject(
    db: Database,
    spool: Spool,
    *instance_ids: int,
    code: str = "113001",
    study: str = "1.2.3",
    patient: PatientFacts = PATIENT,
) -> IntakeOutcome:
    """Let a rejection note on some instances come in."""
    with db.read() as session:
        uids = [session.get_one(Instance, number).uid for number in instance_ids]
    note = received(
        spool,
        study=study,
        patient=patient,
        view="",
        rejects=tuple(RejectedInstance(uid, code) for uid in uids),
    )
    return take_in(db, spool, note, KEPT, never_same)


def sign(
    db: Database, spool: Spool, *, study: str = "1.2.3", patient: PatientFacts = PATIENT
) -> int:
    """Let a signed report come in and give its instance's number."""
    signed = SignedFacts("Chest X-ray", datetime(2026, 3, 1, tzinfo=UTC))
    report = received(spool, study=study, patient=patient, view="", signed=signed)
    outcome = take_in(db, spool, report, KEPT, never_same)
    assert outcome.instance_id is not None
    return outcome.instance_id


def claim_draft(db: Database, worker: str = "worker-1", lease_seconds: float = 60.0) -> Claim:
    """Claim a draft job that must be there, for a model that is shown unless a test said more."""
    with db.read() as session:
        unknown = session.get(ModelRow, model().uid) is None
    if unknown:
        let_show(db, model())
    held = claim(db, [JobKind.DRAFT], worker=worker, lease_seconds=lease_seconds)
    assert held is not None
    return held


def let_show(db: Database, *models: ModelIdentity, standing: Standing = Standing.RESEARCH) -> None:
    """Give models a standing, without a word in the audit."""
    with db.write() as session:
        for one in models:
            if session.get(ModelRow, one.uid) is None:
                session.add(ModelRow(uid=one.uid, identity=asdict(one), demo=one.demo))
                session.flush()
            if standing_of(session, one.uid) is not standing:
                session.add(
                    ModelStanding(model_uid=one.uid, standing=standing, basis="test", actor="test")
                )


def model(*, demo: bool = False) -> ModelIdentity:
    """Give a model's identity."""
    return ModelIdentity(
        family="radvlm",
        name="test",
        version="1",
        weights_sha256="00",
        dtype="float32",
        device="cpu",
        prompt_version="1",
        licence="Apache-2.0",
        intended_use="tests",
        demo=demo,
    )


def flags(*present: Label) -> tuple[Flag, ...]:
    """Give an answer for each label."""
    return tuple(
        Flag(label, Presence.PRESENT if label in present else Presence.ABSENT) for label in Label
    )


def reading(*present: Label, demo: bool = False, reading_id: str | None = None) -> Reading:
    """Give a whole reading with a grounded finding for each label."""
    identity = reading_id or new_reading_id()
    return Reading(
        id=identity,
        model=model(demo=demo),
        flags=flags(*present),
        findings=tuple(
            Finding(
                id=finding_id(identity, index),
                label=label,
                presence=Presence.PRESENT,
                score=0.75,
                boxes=(Box(0.125, 0.25, 0.5, 0.75),),
                sentence=f"There is {label.value}.",
            )
            for index, label in enumerate(present)
        ),
        report=DraftReport("Findings.", "Impression."),
        timings={"report": 1.5},
    )


def read_next(db: Database, said: Reading, *, idle_seconds: float = 0.0) -> str:
    """Claim the next film, store this reading of it, and give the draft version's id."""
    held = claim_draft(db)
    film_for(db, held)
    return store_reading(db, held, said, idle_seconds=idle_seconds).id


def peer(
    db: Database, name: str = "pacs", *, accepts_demo: bool = False, takes_rejections: bool = False
) -> int:
    """Add a peer that takes results and give its row's number."""
    with db.write() as session:
        row = Peer(
            name=name,
            ae_title=name.upper(),
            host="127.0.0.1",
            port=104,
            takes_results=True,
            accepts_demo=accepts_demo,
            takes_rejections=takes_rejections,
        )
        session.add(row)
        session.flush()
        return row.id


def built(
    spool: Spool,
    said: Reading,
    version_id: str,
    *peer_ids: int,
    kind: ResultKind = ResultKind.REPORT_SR,
    held: bool = False,
) -> BuiltObject:
    """Give a built object of a report version, whose UID is always the same."""
    number = int(version_id[:12], 16) * 10 + list(ResultKind).index(kind)
    return BuiltObject(
        uid=f"2.25.{number}",
        kind=kind,
        variant_key="default",
        path=spool.keep_bytes(b"result", "result.dcm"),
        sha256="00",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.88.33",
        series_uid=f"2.25.{number}.1",
        reading_id=said.id,
        version_id=version_id,
        peer_ids=peer_ids,
        held=held,
    )


def publish(db: Database, *objects: BuiltObject) -> None:
    """Claim the next publish job and store its objects."""
    held = claim(db, [JobKind.PUBLISH], worker="deliver-1", lease_seconds=60.0)
    assert held is not None
    store_results(db, held, objects)


def lease_ended(db: Database, held: Claim) -> None:
    """Let a claim's lease be over."""
    with db.write() as session:
        session.execute(
            update(Job)
            .where(Job.id == held.job_id)
            .values(lease_until=LONG_AGO + timedelta(seconds=1))
        )
