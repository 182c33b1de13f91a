"""What a worker writes of a film: whole steps, under its token, and a tier that only rises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import exc, select, text, update

from core.clock import now
from core.errors import LostLeaseError
from core.labels import Label
from core.reading import DraftReport, Given, new_reading_id
from core.reading_json import reading_from_json
from core.report import ReportKind
from core.states import FilmState, JobKind, JobState, Purpose, StudyState
from core.triage import Tier, tier_of
from db.engine import Database
from db.jobs import Claim, add_job
from db.leases import release_lost
from db.models import (
    AuditAction,
    AuditEvent,
    Base,
    FindingRow,
    Instance,
    Job,
    ReadingRow,
    ReportVersionRow,
    Study,
)
from db.readings import (
    film_failed,
    film_for,
    film_not_read,
    film_quarantined,
    store_flags,
    store_reading,
)
from db.spool import Spool
from tests.db.builders import (
    claim_draft,
    count,
    film,
    flags,
    lease_ended,
    model,
    read_next,
    reading,
)


def study(db: Database) -> Study:
    with db.read() as session:
        return session.scalars(select(Study)).one()


def publish_job(db: Database) -> Job | None:
    with db.read() as session:
        return session.scalars(select(Job).where(Job.kind == JobKind.PUBLISH)).one_or_none()


def again(db: Database, instance_id: int) -> None:
    """Queue a second pass over a film."""
    with db.write() as session:
        instance = session.get_one(Instance, instance_id)
        add_job(session, JobKind.DRAFT, instance_id=instance_id, study_id=instance.study_id)


def test_a_claimed_film_is_handed_out(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool, uid="1.2.3.9")
    handed = film_for(db, claim_draft(db))
    assert (handed.instance_id, handed.sop_instance_uid) == (instance_id, "1.2.3.9")
    assert handed.path.read_bytes() == b"pixels"
    assert (handed.given, handed.purpose) == (Given(), Purpose.READ)
    assert study(db).state is StudyState.READING


def test_flags_are_committed_before_the_report(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    identity = new_reading_id()
    for _ in range(2):
        store_flags(db, held, identity, model(), flags(Label.PNEUMOTHORAX), idle_seconds=30)
    with db.read() as session:
        row = session.scalars(select(ReadingRow)).one()
    assert (row.current, row.document, row.tier) == (True, None, Tier.URGENT)
    assert study(db).tier is Tier.URGENT
    assert study(db).state is StudyState.READING
    job = publish_job(db)
    assert job is not None
    assert timedelta(seconds=20) < job.due_at - now() < timedelta(seconds=31)


def test_a_whole_reading_is_one_step(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    said = reading(Label.PNEUMOTHORAX, Label.FRACTURE)
    held = claim_draft(db)
    film_for(db, held)
    store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    version = store_reading(db, held, said, idle_seconds=0)
    with db.read() as session:
        row = session.scalars(select(ReadingRow)).one()
        findings = session.scalars(select(FindingRow).order_by(FindingRow.position)).all()
        stored = session.scalars(select(ReportVersionRow)).one()
        draft = session.get_one(Job, held.job_id)
        state = session.get_one(Instance, instance_id).state
    assert row.document is not None
    assert reading_from_json(row.document) == said
    assert (row.id, row.current, row.model_uid) == (said.id, True, said.model.uid)
    assert [(item.id, item.label) for item in findings] == [
        (item.id, item.label) for item in said.findings
    ]
    assert findings[0].boxes == [{"x1": 0.125, "y1": 0.25, "x2": 0.5, "y2": 0.75}]
    assert (stored.id, stored.number, stored.kind) == (version.id, 1, ReportKind.DRAFT)
    assert (version.findings, version.impression) == ("Findings.", "Impression.")
    assert version.created_at == stored.created_at
    assert (draft.state, state) == (JobState.DONE, FilmState.READ)
    assert study(db).state is StudyState.DRAFT_READY
    job = publish_job(db)
    assert job is not None
    assert job.state is JobState.WAITING


def test_hostile_words_of_the_model_can_be_stored(db: Database, spool: Spool) -> None:
    film(db, spool)
    words = "a\x00b\ud800c'; DROP TABLE reading; --"
    said = reading(Label.FRACTURE)
    finding = replace(said.findings[0], sentence=words)
    hostile = replace(said, report=DraftReport(words), findings=(finding,), indication=words)
    read_next(db, hostile)
    with db.read() as session:
        document = session.scalars(select(ReadingRow.document)).one()
        version = session.scalars(select(ReportVersionRow.findings)).one()
    assert document is not None
    assert reading_from_json(document) == hostile
    assert version == "a\ufffdb\ufffdc'; DROP TABLE reading; --"


def test_nothing_is_written_under_an_old_token(db: Database, spool: Spool) -> None:
    film(db, spool)
    old = claim_draft(db)
    film_for(db, old)
    lease_ended(db, old)
    release_lost(db)
    assert study(db).state is StudyState.WAITING
    said = reading(Label.PNEUMOTHORAX)
    writes: list[Callable[[], object]] = [
        lambda: film_for(db, old),
        lambda: store_flags(db, old, said.id, said.model, said.flags, idle_seconds=0),
        lambda: store_reading(db, old, said, idle_seconds=0),
        lambda: film_failed(db, old, "x"),
        lambda: film_not_read(db, old, "x"),
        lambda: film_quarantined(db, old, "x"),
    ]
    for write in writes:
        with pytest.raises(LostLeaseError):
            write()
    assert count(db, ReadingRow) == 0
    assert (study(db).state, study(db).tier) == (StudyState.WAITING, Tier.ROUTINE)


def test_flags_of_a_dead_attempt_stand_and_give_way(db: Database, spool: Spool) -> None:
    film(db, spool)
    dead = claim_draft(db)
    first = new_reading_id()
    store_flags(db, dead, first, model(), flags(Label.PNEUMOTHORAX), idle_seconds=0)
    lease_ended(db, dead)
    release_lost(db)
    assert study(db).tier is Tier.URGENT
    said = reading()
    read_next(db, said)
    with db.read() as session:
        current = {row.id: row.current for row in session.scalars(select(ReadingRow))}
    assert current == {first: False, said.id: True}
    assert study(db).tier is Tier.URGENT


def test_a_second_reading_supersedes_the_first(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    first, second = reading(Label.FRACTURE), reading()
    read_next(db, first)
    again(db, instance_id)
    held = claim_draft(db)
    store_flags(db, held, second.id, second.model, second.flags, idle_seconds=0)
    with db.read() as session:
        # Only a whole reading may take the place of a whole one.
        assert session.get_one(ReadingRow, first.id).current
    store_reading(db, held, second, idle_seconds=0)
    with db.read() as session:
        current = session.scalars(select(ReadingRow.id).where(ReadingRow.current)).all()
        superseded = session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.READING_SUPERSEDED)
        ).one()
    assert current == [second.id]
    assert superseded.details == {"reading": first.id, "by": second.id}
    assert study(db).tier is Tier.RAISED


def test_the_database_itself_refuses_two_current_readings(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    read_next(db, reading())
    again(db, instance_id)
    read_next(db, reading())

    def make_all_current() -> None:
        with db.write() as session:
            session.execute(update(ReadingRow).values(current=True))

    with pytest.raises(exc.IntegrityError):
        make_all_current()


def test_an_audit_film_is_read_in_shadow(db: Database, spool: Spool) -> None:
    film(db, spool, purpose=Purpose.AUDIT)
    said = reading(Label.PNEUMOTHORAX)
    held = claim_draft(db)
    store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    store_reading(db, held, said, idle_seconds=0)
    assert count(db, ReadingRow) == 1
    assert study(db).tier is Tier.ROUTINE
    assert publish_job(db) is None


def test_an_urgent_flag_hurries_the_other_films_of_the_study(db: Database, spool: Spool) -> None:
    film(db, spool)
    other_study = film(db, spool, study="1.9")
    same_study = film(db, spool)
    held = claim_draft(db)
    store_flags(db, held, new_reading_id(), model(), flags(Label.PNEUMOTHORAX), idle_seconds=0)
    assert claim_draft(db).instance_id == same_study
    assert claim_draft(db).instance_id == other_study


ENDS: dict[str, tuple[Callable[[Database, Claim, str], None], JobState, StudyState]] = {
    "failed": (film_failed, JobState.FAILED, StudyState.FAILED),
    "not_read": (film_not_read, JobState.DONE, StudyState.NOT_READ),
    "quarantined": (film_quarantined, JobState.DONE, StudyState.NOT_READ),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_film_without_a_reading_ends_with_its_reason(
    db: Database, spool: Spool, end: str
) -> None:
    write, job_state, study_state = ENDS[end]
    instance_id = film(db, spool)
    held = claim_draft(db, "gpu-1")
    film_for(db, held)
    write(db, held, "the reason")
    with db.read() as session:
        instance = session.get_one(Instance, instance_id)
        job = session.get_one(Job, held.job_id)
        audit = session.scalars(select(AuditEvent)).one()
    assert (instance.state, instance.reason) == (FilmState(end), "the reason")
    assert job.state is job_state
    assert study(db).state is study_state
    assert (audit.actor, audit.details) == ("gpu-1", {"reason": "the reason"})


def test_a_claim_without_a_film_is_no_draft(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db)
    bare = Claim(held.job_id, JobKind.ECHO, None, None, held.token, 1, "w")
    with pytest.raises(ValueError, match="has no film"):
        film_for(db, bare)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    answers=st.lists(
        st.tuples(st.frozensets(st.sampled_from(Label), max_size=4), st.booleans()), max_size=4
    )
)
def test_a_tier_never_falls(
    db: Database, spool: Spool, answers: list[tuple[frozenset[Label], bool]]
) -> None:
    with db.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in {"audit_event", "audit_head"}:
                session.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608 - the models' own names
    highest = Tier.ROUTINE
    for present, finished in answers:
        film(db, spool)
        held = claim_draft(db)
        said = reading(*present)
        store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
        if finished:
            store_reading(db, held, said, idle_seconds=0)
        else:
            film_failed(db, held, "died")
        highest = max(highest, tier_of(said.flags))
        assert study(db).tier is highest
