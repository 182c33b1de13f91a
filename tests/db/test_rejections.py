"""Rejected films: not read, not shown, not sent, and taken back where they had been sent.

Covered on both databases: notes before and after their film, at every stage of the film's way, and
workers and couriers that were under way. Not covered: what a note looks like (tests/gateway).
"""

from threading import Thread

import pytest
from sqlalchemy import select, text

from core.errors import LostLeaseError
from core.labels import Label
from core.states import DeliveryState, FilmState, JobKind, JobState, ResultKind, StudyState
from core.triage import Tier
from db.deliveries import mark_failed, mark_retry, mark_sent, next_deliveries
from db.engine import Database
from db.films import lock_study, set_film_state
from db.intake import IntakeKind, take_in
from db.jobs import Claim, claim, heartbeat, holds, release_expired
from db.models import (
    AuditAction,
    AuditEvent,
    Delivery,
    Instance,
    Job,
    Peer,
    ReadingRow,
    Rejection,
    ResultObject,
    SignedReport,
    Study,
)
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.publishable import unpublished
from db.publishing import BuiltObject, store_results
from db.quarantine import waiting_notes
from db.readings import film_failed, film_for, store_flags, store_reading
from db.received import PatientFacts, RejectedInstance, SignedFacts
from db.rejections import FILM_REJECTED, REASONS
from db.retractions import (
    Retraction,
    TakeBack,
    left_behind,
    remaining,
    take_backs,
    to_take_back,
)
from db.reviews import UNFIT, latest_draft
from db.reviews import reject as reject_draft
from db.spool import Spool
from db.worklist import worklist
from tests.db.builders import (
    KEPT,
    built,
    claim_draft,
    count,
    film,
    flags,
    lease_ended,
    model,
    never_same,
    peer,
    publish,
    read_next,
    reading,
    received,
    reject,
    sign,
)
from tests.waiting import wait_until


def row(db: Database, instance_id: int) -> Instance:
    with db.read() as session:
        return session.get_one(Instance, instance_id)


def study_id(db: Database) -> int:
    with db.read() as session:
        return session.scalars(select(Study.id)).one()


def drafts(db: Database) -> list[tuple[JobState, str | None]]:
    with db.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == JobKind.DRAFT).order_by(Job.id))
        return [(job.state, job.error) for job in jobs]


def deliveries(db: Database) -> list[tuple[DeliveryState, str]]:
    with db.read() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id))
        return [(delivery.state, delivery.words) for delivery in rows]


def publishes(db: Database) -> int:
    """Count the publish jobs that wait."""
    with db.read() as session:
        waiting = select(Job.id).where(Job.kind == JobKind.PUBLISH, Job.state == JobState.WAITING)
        return len(session.scalars(waiting).all())


def taken_back(db: Database) -> list[Retraction]:
    with db.read() as session:
        return to_take_back(session, session.scalars(select(Study.id)).one())


def behind(db: Database) -> tuple[str, ...]:
    number = study_id(db)
    with db.read() as session:
        return left_behind(session, [number]).get(number, ())


def sent(db: Database, delivery_id: int) -> None:
    with db.write() as session:
        mark_sent(session, delivery_id, 0, "success")


@pytest.mark.parametrize(("code", "reason"), REASONS.items())
def test_a_film_that_waits_is_not_read(db: Database, spool: Spool, code: str, reason: str) -> None:
    wrong, other = film(db, spool), film(db, spool)
    assert reject(db, spool, wrong, code=code).kind is IntakeKind.NEW
    assert (row(db, wrong).state, row(db, wrong).reason) == (FilmState.NOT_READ, reason)
    assert row(db, wrong).rejection_code == code
    assert drafts(db) == [(JobState.DONE, reason), (JobState.WAITING, None)]
    assert claim_draft(db).instance_id == other
    with db.read() as session:
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.FILM_REJECTED)
        )
        assert (event.actor, event.instance_id, event.details["code"]) == ("MODALITY", wrong, code)


def test_a_note_before_its_film(db: Database, spool: Spool) -> None:
    note = received(spool, view="", rejects=(RejectedInstance("1.2.3.77", "113001"),))
    take_in(db, spool, note, KEPT, never_same)
    outcome = take_in(
        db,
        spool,
        received(spool, "1.2.3.77"),
        KEPT.__class__(FilmState.QUEUED, None, "t"),
        never_same,
    )
    assert outcome.instance_id is not None
    assert not outcome.queued
    assert row(db, outcome.instance_id).state is FilmState.NOT_READ
    assert drafts(db) == []


def test_a_worker_that_reads_it_is_refused_at_every_step(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    reject(db, spool, wrong)
    said = reading(Label.PNEUMOTHORAX)
    with pytest.raises(LostLeaseError):
        heartbeat(db, held, "report", 60.0)
    with pytest.raises(LostLeaseError):
        store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    with pytest.raises(LostLeaseError):
        store_reading(db, held, said, idle_seconds=0)
    with pytest.raises(LostLeaseError):
        film_failed(db, held, "died")
    assert row(db, wrong).state is FilmState.NOT_READ
    assert count(db, ReadingRow) == 0
    with db.read() as session:
        assert session.scalars(select(Study.tier)).one() is Tier.ROUTINE


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_worker_in_mid_transaction_is_not_waited_for(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    with db.write() as session:
        holds(session, held)
        # SQLite has one writer at a time; here the two would wait for each other for ever.
        note = Thread(target=reject, args=(db, spool, wrong))
        note.start()
        note.join(30.0)
        assert not note.is_alive()
        set_film_state(session, wrong, FilmState.READ, None, actor="worker")
    assert row(db, wrong).state is FilmState.NOT_READ
    # Its job was passed over, and its claim stands: what it writes is refused all the same.
    said = reading(Label.PNEUMOTHORAX)
    with pytest.raises(LostLeaseError, match="rejected"):
        store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    with pytest.raises(LostLeaseError, match="rejected"):
        store_reading(db, held, said, idle_seconds=0)
    assert count(db, ReadingRow) == 0
    _ends_when_it_is_claimed_again(db, held)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_worker_that_waits_for_the_study_sees_what_became_of_it(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    refused: list[str] = []

    def write() -> None:
        try:
            store_reading(db, held, reading(Label.PNEUMOTHORAX), idle_seconds=0)
        except LostLeaseError as error:
            refused.append(str(error))

    worker = Thread(target=write)
    with db.write() as session:
        lock_study(session, 1)
        worker.start()
        wait_until(lambda: _somebody_waits(db), 20.0, "the worker to wait for the study")
        session.get_one(Instance, wrong).rejection_code = "113001"
    worker.join(30.0)
    assert len(refused) == 1
    assert count(db, ReadingRow) == 0


def _somebody_waits(db: Database) -> bool:
    with db.read() as session:
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(session.scalar(waiting))


def _ends_when_it_is_claimed_again(db: Database, held: Claim) -> None:
    lease_ended(db, held)
    assert release_expired(db) == 1
    with pytest.raises(LostLeaseError, match="rejected"):
        film_for(db, claim_draft(db))
    assert [state for state, _ in drafts(db)] == [JobState.DONE]


def test_a_read_film_is_no_answer_any_more(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    with db.read() as session:
        assert len(unpublished(session, 1)) == 1
    reject(db, spool, wrong)
    with db.read() as session:
        assert unpublished(session, 1) == []
        (shown,) = worklist(session)
        assert session.scalars(select(ReadingRow.current)).all() == [False]
    assert (shown.state, shown.answered) == (StudyState.NOT_READ, False)
    assert (shown.flagged, shown.preferred_reading_id) == ((), None)
    assert shown.reasons == ("rejected for quality reasons",)
    # What it earned stays: a tier never falls.
    assert shown.tier is Tier.URGENT


def test_the_other_films_of_the_study_stay(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    film(db, spool)
    said = reading(Label.EDEMA)
    read_next(db, said)
    reject(db, spool, wrong)
    with db.read() as session:
        (shown,) = worklist(session)
        assert [item.reading.id for item in unpublished(session, 1)] == [said.id]
    assert (shown.state, shown.flagged) == (StudyState.DRAFT_READY, (Label.EDEMA,))
    assert shown.preferred_reading_id == said.id


def test_what_had_not_left_is_obsolete_and_what_had_is_taken_back(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading()
    version = read_next(db, said)
    takes, deaf = peer(db, "takes", takes_rejections=True), peer(db, "deaf")
    late = peer(db, "late", takes_rejections=True)
    item = built(spool, said, version, takes, deaf, late)
    publish(db, item)
    sent(db, 1)
    sent(db, 2)
    reject(db, spool, wrong)
    assert deliveries(db) == [
        (DeliveryState.SENT, "success"),
        (DeliveryState.SENT, "success"),
        (DeliveryState.OBSOLETE, FILM_REJECTED),
    ]
    assert publishes(db) == 1
    (retraction,) = taken_back(db)
    assert (retraction.code, retraction.peer_ids) == ("113001", (takes,))
    (left,) = retraction.objects
    assert (left.kind, left.sop_class_uid, left.uid, left.series_uid, left.path) == (
        item.kind,
        item.sop_class_uid,
        item.uid,
        item.series_uid,
        item.path,
    )
    assert behind(db) == ("deaf", "takes")
    publish(db, note_on(spool, retraction))
    assert taken_back(db) == []
    # Until the note is there the draft remains.
    assert behind(db) == ("deaf", "takes")
    with db.read() as session:
        (note,) = session.scalars(
            select(Delivery).join(Delivery.result).where(ResultObject.kind == ResultKind.REJECTION)
        )
    assert (note.peer_id, note.state) == (takes, DeliveryState.WAITING)
    sent(db, note.id)
    # Where no note is taken it remains for good, and the worklist says so.
    with db.read() as session:
        (shown,) = worklist(session)
    assert shown.left_behind == behind(db) == ("deaf",)


@pytest.mark.parametrize("protocol", ["dicom", "hl7"])
@pytest.mark.parametrize("department", [True, False])
def test_what_a_peer_did_not_take_back_remains(
    db: Database, spool: Spool, *, protocol: str, department: bool
) -> None:
    wrong, takes = film(db, spool), peer(db, "takes", takes_rejections=True)
    said = reading()
    kind = ResultKind.ORU if protocol == "hl7" else ResultKind.REPORT_SR
    with db.write() as session:
        session.get_one(Peer, takes).protocol = protocol
    publish(db, built(spool, said, read_next(db, said), takes, kind=kind))
    sent(db, 1)
    if department:
        reject(db, spool, wrong)
    else:
        with db.write() as session:
            seen = latest_draft(session, "1.2.3")
            reject_draft(session, seen, author="Doctor^Dora", reason="no", code=UNFIT)
    assert how_far(db) == (TakeBack.NOT_ASKED, 1)
    (retraction,) = taken_back(db)
    publish(db, note_on(spool, retraction))
    assert taken_back(db) == []
    assert how_far(db) == (TakeBack.ON_ITS_WAY, 1)
    with db.write() as session:
        mark_failed(session, 2, 204, "refused")
    assert how_far(db) == (TakeBack.REFUSED, 1)
    with db.write() as session:
        session.get_one(Delivery, 2).state = DeliveryState.WAITING
    sent(db, 2)
    assert how_far(db) == (None, 0)


def how_far(db: Database) -> tuple[TakeBack | None, int]:
    """Give how far the taking back at the one peer is, and how many studies remain there."""
    with db.read() as session:
        found = take_backs(session, [1]).get(1, {})
        return found.get("takes"), remaining(session).get("takes", 0)


def note_on(spool: Spool, retraction: Retraction) -> BuiltObject:
    """Give the note that takes something back, as the builder would."""
    return BuiltObject(
        uid="2.25.99",
        kind=ResultKind.REJECTION,
        variant_key="default",
        path=spool.keep_bytes(b"note", "rejection.dcm"),
        sha256="00",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.88.59",
        series_uid="2.25.98",
        reading_id=retraction.reading.id,
        version_id=retraction.version.id,
        peer_ids=retraction.peer_ids,
        rejects=tuple(left.uid for left in retraction.objects),
    )


def test_what_was_under_way_is_taken_back_when_it_is_known_to_have_left(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    reject(db, spool, wrong)
    publish(db)
    assert (taken_back(db), publishes(db)) == ([], 0)
    sent(db, 1)
    assert publishes(db) == 1
    assert len(taken_back(db)) == 1


def test_a_film_rejected_while_its_results_are_built_keeps_them_here(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading()
    version = read_next(db, said)
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    reject(db, spool, wrong)
    store_results(db, held, [built(spool, said, version, peer(db, takes_rejections=True))])
    assert deliveries(db) == [(DeliveryState.OBSOLETE, FILM_REJECTED)]
    assert taken_back(db) == []


def test_what_may_have_arrived_without_an_answer_is_taken_back(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    with db.write() as session:
        mark_retry(session, 1, None, "no answer")
    reject(db, spool, wrong)
    assert len(taken_back(db)) == 1


def test_the_note_on_a_demo_leaves_though_demos_are_not_accepted_any_more(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    said = reading(demo=True)
    pacs = peer(db, accepts_demo=True, takes_rejections=True)
    publish(db, built(spool, said, read_next(db, said), pacs))
    sent(db, 1)
    reject(db, spool, wrong)
    publish(db, note_on(spool, taken_back(db)[0]))
    entry = PeerEntry(
        name="pacs",
        ae_title="PACS",
        host="127.0.0.1",
        port=104,
        takes_results=True,
        takes_rejections=True,
    )
    with db.write() as session:
        save_peer(session, entry)
    assert deliveries(db)[-1] == (DeliveryState.WAITING, "")
    with db.read() as session:
        (next_one,) = next_deliveries(session, pacs, 10)
        assert next_one.result.kind is ResultKind.REJECTION


def test_the_note_leaves_though_a_report_is_signed(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said), peer(db, takes_rejections=True)))
    sent(db, 1)
    reject(db, spool, wrong)
    publish(db, note_on(spool, taken_back(db)[0]))
    sign(db, spool)
    assert deliveries(db)[-1] == (DeliveryState.WAITING, "")


def test_a_note_counts_in_its_own_study_only(db: Database, spool: Spool) -> None:
    other = film(db, spool, study="1.2.4")
    film(db, spool, study="1.2.3")
    reject(db, spool, other, study="1.2.3")
    assert row(db, other).state is FilmState.QUEUED


def test_a_note_before_a_film_of_another_study_counts_for_nothing(
    db: Database, spool: Spool
) -> None:
    note = received(spool, view="", rejects=(RejectedInstance("1.2.3.77", "113001"),))
    take_in(db, spool, note, KEPT, never_same)
    right = film(db, spool, uid="1.2.3.77", study="1.2.4")
    assert row(db, right).state is FilmState.QUEUED


def test_a_note_of_another_patient_is_kept_aside_and_rejects_nothing(
    db: Database, spool: Spool
) -> None:
    right = film(db, spool)
    note = received(
        spool,
        view="",
        patient=PatientFacts("P2", "HOSPITAL"),
        rejects=(RejectedInstance(row(db, right).uid, "113001"),),
    )
    assert take_in(db, spool, note, KEPT, never_same).kind is IntakeKind.QUARANTINED
    assert row(db, right).state is FilmState.QUEUED
    assert count(db, Rejection) == 0
    with db.read() as session:
        assert waiting_notes(session, "1.2.3") == ("patient ID or issuer differs from the study's",)
        assert waiting_notes(session, "1.2.4") == ()


def test_a_film_that_is_kept_aside_is_no_note(db: Database, spool: Spool) -> None:
    film(db, spool)
    other = received(spool, patient=PatientFacts("P2", "HOSPITAL"))
    assert take_in(db, spool, other, KEPT, never_same).kind is IntakeKind.QUARANTINED
    with db.read() as session:
        assert waiting_notes(session, "1.2.3") == ()


def test_a_second_note_changes_nothing(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    reject(db, spool, wrong)
    reject(db, spool, wrong, code="113039")
    assert row(db, wrong).rejection_code == "113001"
    assert count(db, Rejection) == 2
    with db.read() as session:
        rejected = select(AuditEvent).where(AuditEvent.action == AuditAction.FILM_REJECTED)
        assert len(session.scalars(rejected).all()) == 1


def test_flags_alone_of_a_rejected_film_are_not_shown(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    store_flags(db, claim_draft(db), "r1", model(), flags(Label.EDEMA), idle_seconds=0)
    reject(db, spool, wrong)
    with db.read() as session:
        assert worklist(session)[0].flagged == ()


def test_a_rejected_report_does_not_count_as_signed(db: Database, spool: Spool) -> None:
    film(db, spool)
    report = sign(db, spool)
    reject(db, spool, report)
    assert count(db, SignedReport) == 0


def test_a_report_that_was_rejected_before_it_came_does_not_count(
    db: Database, spool: Spool
) -> None:
    note = received(spool, view="", rejects=(RejectedInstance("1.2.3.77", "113001"),))
    take_in(db, spool, note, KEPT, never_same)
    report = received(spool, "1.2.3.77", view="", signed=SignedFacts("Report", None))
    take_in(db, spool, report, KEPT, never_same)
    assert count(db, SignedReport) == 0
