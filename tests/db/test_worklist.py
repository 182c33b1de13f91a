"""The worklist and the counts: every study in its place, and nothing unread that looks normal."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import now
from core.labels import Label
from core.reading import new_reading_id
from core.states import (
    DeliveryState,
    FilmState,
    JobKind,
    Purpose,
    StudyState,
    study_state,
)
from core.triage import Tier
from db.deliveries import mark_failed, mark_sent
from db.engine import Database
from db.films import set_film_state
from db.jobs import add_job
from db.models import Delivery, Instance, Study
from db.readings import film_failed, store_flags
from db.received import ReadDecision
from db.spool import Spool
from db.workers import SignOfLife, sign_of_life
from db.worklist import WorklistRow, status_counts, worklist
from tests.db.builders import (
    LONG_AGO,
    PATIENT,
    built,
    claim_draft,
    film,
    flags,
    model,
    peer,
    publish,
    read_next,
    reading,
    sign,
)


def rows(db: Database) -> list[WorklistRow]:
    with db.read() as session:
        return worklist(session)


def test_urgent_studies_first_then_the_one_that_waits_longest(db: Database, spool: Spool) -> None:
    for study, labels in (
        ("1", ()),
        ("2", (Label.PNEUMOTHORAX,)),
        ("3", ()),
        ("4", (Label.EDEMA,)),
    ):
        film(db, spool, study=study)
        read_next(db, reading(*labels))
    found = rows(db)
    assert [(row.study_uid, row.tier) for row in found] == [
        ("2", Tier.URGENT),
        ("4", Tier.RAISED),
        ("1", Tier.ROUTINE),
        ("3", Tier.ROUTINE),
    ]
    with db.read() as session:
        assert worklist(session, limit=2) == found[:2]


def test_a_study_that_waits_shows_no_answer(db: Database, spool: Spool) -> None:
    film(db, spool)
    (row,) = rows(db)
    assert (row.state, row.answered, row.flagged) == (StudyState.WAITING, False, ())
    assert (row.preferred_reading_id, row.deliveries, row.sent_at) == (None, {}, None)
    assert (row.patient_id, row.patient_name, row.films) == ("P1", "DOE^JANE", (FilmState.QUEUED,))


def test_flags_show_before_the_report_and_are_no_answer(db: Database, spool: Spool) -> None:
    film(db, spool)
    store_flags(db, claim_draft(db), new_reading_id(), model(), flags(Label.EDEMA), idle_seconds=0)
    (row,) = rows(db)
    assert (row.flagged, row.answered, row.preferred_reading_id) == ((Label.EDEMA,), False, None)


def test_flags_are_the_union_of_the_films(db: Database, spool: Spool) -> None:
    for labels in ((Label.FRACTURE, Label.EDEMA), (Label.EDEMA, Label.ATELECTASIS)):
        film(db, spool)
        read_next(db, reading(*labels))
    (row,) = rows(db)
    assert row.flagged == (Label.ATELECTASIS, Label.EDEMA, Label.FRACTURE)
    assert row.answered


def test_reasons_say_why_there_is_no_result(db: Database, spool: Spool) -> None:
    film(db, spool, decision=ReadDecision(FilmState.NOT_READ, "a leg", "part"))
    film(db, spool)
    film_failed(db, claim_draft(db), "the words make no sense")
    film(db, spool)
    read_next(db, reading())
    (row,) = rows(db)
    # One film of the study failed, so the study never looks complete.
    assert row.state is StudyState.FAILED
    assert row.reasons == ("a leg", "the words make no sense")
    assert row.films == (FilmState.NOT_READ, FilmState.FAILED, FilmState.READ)


def test_the_preferred_draft_is_pa_before_ap_and_newer_first(db: Database, spool: Spool) -> None:
    readings = []
    for view, hours in (("AP", 9), ("PA", 1), ("PA", 3), ("PA", 2), ("", 10)):
        film(db, spool, view=view, acquired_at=LONG_AGO + timedelta(hours=hours))
        said = reading()
        read_next(db, said)
        readings.append(said.id)
    assert rows(db)[0].preferred_reading_id == readings[2]


def test_a_shadow_reading_is_not_shown(db: Database, spool: Spool) -> None:
    film(db, spool, purpose=Purpose.AUDIT)
    read_next(db, reading(Label.PNEUMOTHORAX, demo=True))
    assert rows(db) == []
    # Beside a film of today it is not shown, either.
    film(db, spool)
    (row,) = rows(db)
    assert (row.flagged, row.answered, row.preferred_reading_id) == ((), False, None)
    assert (row.tier, row.demo, row.films) == (Tier.ROUTINE, False, (FilmState.QUEUED,))
    assert row.state is StudyState.WAITING


def test_a_study_that_is_known_by_its_report_alone_is_not_listed(
    db: Database, spool: Spool
) -> None:
    sign(db, spool)
    assert rows(db) == []
    film(db, spool, decision=ReadDecision(FilmState.NOT_READ, "not frontal", "view"))
    (row,) = rows(db)
    assert (row.state, row.reasons) == (StudyState.NOT_READ, ("not frontal",))


def test_deliveries_are_counted_and_timed(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading(demo=True)
    ids = [peer(db, name, accepts_demo=name != "real") for name in ("a", "b", "real")]
    publish(db, built(spool, said, read_next(db, said), *ids))
    with db.write() as session:
        first, second, _held = session.scalars(select(Delivery.id).order_by(Delivery.id))
        mark_sent(session, first, 0, "success")
        mark_failed(session, second, 1, "refused")
    (row,) = rows(db)
    assert row.deliveries == {
        DeliveryState.SENT: 1,
        DeliveryState.FAILED: 1,
        DeliveryState.HELD: 1,
    }
    assert row.sent_at is not None
    assert timedelta(0) <= now() - row.sent_at < timedelta(minutes=5)
    assert row.demo


FILMS = [
    (),
    (FilmState.RECEIVED,),
    (FilmState.QUEUED, FilmState.READ),
    (FilmState.READING, FilmState.QUEUED),
    (FilmState.READ, FilmState.NOT_READ, FilmState.RECEIVED),
    (FilmState.READ, FilmState.FAILED),
    (FilmState.QUARANTINED, FilmState.NOT_READ),
]


@pytest.mark.parametrize("states", FILMS)
def test_a_study_is_in_the_state_of_its_films(
    db: Database, spool: Spool, states: tuple[FilmState, ...]
) -> None:
    aside = ReadDecision(FilmState.RECEIVED, None, "test")
    with db.write() as session:
        session.add(Study(uid="1.2.3", patient_id=PATIENT.id, issuer=PATIENT.issuer))
    films = [film(db, spool, decision=aside) for _ in states]
    for instance_id, state in zip(films, states, strict=True):
        with db.write() as session:
            set_film_state(session, instance_id, state, None, actor="test")
    with db.read() as session:
        assert session.scalars(select(Study.state)).one() is study_state(states)
        assert tuple(session.scalars(select(Instance.state).order_by(Instance.id))) == states


def test_the_counts_are_plain_json(db: Database, spool: Spool) -> None:
    film(db, spool)
    film(db, spool, study="1.9")
    claim_draft(db)
    sign_of_life(db, SignOfLife.of("host", model()), job_id=1, progress="report")
    peer(db)
    with db.write() as session:
        add_job(session, JobKind.ECHO)
    with db.read() as session:
        counts = status_counts(session)
    assert json.loads(json.dumps(counts)) == counts
    assert counts["studies"] == {"waiting": 2}
    assert counts["films"] == {"queued": 2}
    assert counts["jobs"] == {"draft": {"waiting": 1, "claimed": 1}, "echo": {"waiting": 1}}
    assert counts["oldest_waiting"] is not None
    assert (counts["deliveries"], counts["quarantined"]) == ({}, 0)
    assert [item["name"] for item in counts["peers"]] == ["pacs"]
    assert [(item["job"], item["progress"]) for item in counts["workers"]] == [(1, "report")]


def test_the_counts_of_nothing(db: Database) -> None:
    with db.read() as session:
        counts = status_counts(session)
    assert counts == {
        "studies": {},
        "films": {},
        "jobs": {},
        "oldest_waiting": None,
        "put_off": [],
        "not_built": [],
        "deliveries": {},
        "retrievals": {},
        "remaining": {},
        "commitment": [],
        "quarantined": 0,
        "waiting_notes": 0,
        "peers": [],
        "workers": [],
    }
