"""From readings to result objects: built once, delivered once, the superseded never sent."""

import uuid

import pytest
from sqlalchemy import select

from core.errors import LostLeaseError
from core.labels import Label
from core.reading import Reading
from core.report import ReportKind
from core.states import (
    DRAFT_KINDS,
    EXTRA_KINDS,
    REVIEWED_KINDS,
    DeliveryState,
    JobKind,
    JobState,
    Purpose,
    ResultKind,
)
from db.deliveries import mark_sent
from db.engine import Database
from db.jobs import Claim, add_job, claim
from db.models import (
    Delivery,
    Instance,
    Job,
    ReportVersionRow,
    ResultObject,
    Study,
)
from db.publishable import unpublished
from db.publishing import store_results
from db.readings import film_failed, film_for, store_flags
from db.spool import Spool
from tests.db.builders import (
    PATIENT,
    built,
    claim_draft,
    count,
    film,
    peer,
    publish,
    read_next,
    reading,
)


def listed(db: Database) -> list[str]:
    """Give the ids of the versions that are still to be built, over all studies."""
    with db.read() as session:
        return [
            item.version.id
            for study_id in session.scalars(select(Study.id).order_by(Study.id))
            for item in unpublished(session, study_id)
        ]


def states(db: Database) -> list[DeliveryState]:
    with db.read() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def read_again(db: Database, instance_id: int, said: Reading) -> str:
    with db.write() as session:
        study_id = session.get_one(Instance, instance_id).study_id
        add_job(session, JobKind.DRAFT, instance_id=instance_id, study_id=study_id)
    return read_next(db, said)


def claim_publish(db: Database) -> Claim:
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    return held


def test_whole_readings_are_listed_with_their_film(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    said = reading(Label.FRACTURE)
    version_id = read_next(db, said)
    with db.read() as session:
        instance = session.get_one(Instance, instance_id)
        (item,) = unpublished(session, instance.study_id)
    assert item.reading == said
    assert (item.version.id, item.version.reading_id) == (version_id, said.id)
    assert item.version.kind is ReportKind.DRAFT
    assert str(item.source_path) == instance.path


def test_flags_alone_failed_films_and_shadows_are_not_listed(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db)
    said = reading(Label.FRACTURE)
    store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    assert listed(db) == []
    film_failed(db, held, "died")
    film(db, spool, purpose=Purpose.AUDIT)
    read_next(db, reading(Label.FRACTURE))
    assert listed(db) == []


def test_of_a_draft_that_a_person_edited_only_what_the_model_marked_is_listed(
    db: Database, spool: Spool
) -> None:
    instance_id = film(db, spool)
    read_next(db, reading())
    second = reading()
    draft = read_again(db, instance_id, second)
    edit = uuid.uuid4().hex
    with db.write() as session:
        session.add(
            ReportVersionRow(
                id=edit,
                reading_id=second.id,
                number=2,
                kind=ReportKind.EDITED,
                findings="Other.",
                impression="",
                author="DOC^A",
            )
        )
    with db.read() as session:
        kinds = {item.version.id: item.kinds for item in unpublished(session, 1)}
    assert kinds == {
        draft: {*DRAFT_KINDS, *EXTRA_KINDS} - {ResultKind.REPORT_SR, ResultKind.PDF},
        edit: {*REVIEWED_KINDS},
    }


def test_a_second_pass_that_fails_takes_no_draft_away(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    version_id = read_next(db, reading())
    with db.write() as session:
        add_job(session, JobKind.DRAFT, instance_id=instance_id, study_id=1)
    held = claim_draft(db)
    film_for(db, held)
    assert listed(db) == [version_id]
    film_failed(db, held, "no sense")
    assert listed(db) == [version_id]


def test_the_preferred_film_is_built_first_and_each_knows_its_place(
    db: Database, spool: Spool
) -> None:
    for view in ("AP", "", "PA"):
        film(db, spool, view=view)
        read_next(db, reading())
    with db.read() as session:
        items = unpublished(session, 1)
    assert [(item.view, item.number, item.of) for item in items] == [
        ("PA", 1, 3),
        ("AP", 2, 3),
        ("", 3, 3),
    ]
    assert {item.patient for item in items} == {PATIENT}
    assert {item.sent for item in items} == {()}


def test_results_are_entered_with_a_delivery_for_each_peer(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    version_id = read_next(db, said)
    pacs, archive = peer(db, "pacs"), peer(db, "archive")
    objects = [built(spool, said, version_id, pacs, archive, kind=kind) for kind in DRAFT_KINDS]
    held = claim_publish(db)
    store_results(db, held, objects)
    assert states(db) == [DeliveryState.WAITING] * 6
    assert listed(db) == []
    with db.read() as session:
        results = {row.uid: row for row in session.scalars(select(ResultObject))}
        assert session.get_one(Job, held.job_id).state is JobState.DONE
        version = session.get_one(ReportVersionRow, version_id)
    assert version.published_at is not None
    assert {(row.kind, row.path) for row in results.values()} == {
        (item.kind, str(item.path)) for item in objects
    }


def test_storing_twice_is_storing_once(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    version_id = read_next(db, said)
    pacs = peer(db)
    item = built(spool, said, version_id, pacs)
    held = claim_publish(db)
    store_results(db, held, [item])
    with pytest.raises(LostLeaseError):
        store_results(db, held, [item])
    with db.write() as session:
        study_id = session.scalars(select(Study.id)).one()
        mark_sent(session, session.scalars(select(Delivery.id)).one(), 0, "success")
        add_job(session, JobKind.PUBLISH, study_id=study_id)
    publish(db, built(spool, said, version_id, pacs))
    assert states(db) == [DeliveryState.SENT]
    assert count(db, ResultObject) == 1


def test_what_did_not_leave_before_the_next_reading_is_obsolete(db: Database, spool: Spool) -> None:
    first_film = film(db, spool)
    first, second = reading(), reading()
    fast, slow = peer(db, "fast"), peer(db, "slow")
    publish(db, built(spool, first, read_next(db, first), fast, slow))
    with db.write() as session:
        gone = session.scalars(select(Delivery.id).where(Delivery.peer_id == fast)).one()
        mark_sent(session, gone, 0, "success")
    # Another film of the study supersedes nothing.
    film(db, spool)
    beside = reading()
    publish(db, built(spool, beside, read_next(db, beside), slow))
    publish(db, built(spool, second, read_again(db, first_film, second), fast, slow))
    assert states(db) == [
        DeliveryState.SENT,
        DeliveryState.OBSOLETE,
        DeliveryState.WAITING,
        DeliveryState.WAITING,
        DeliveryState.WAITING,
    ]


def test_what_was_superseded_while_it_was_built_never_leaves(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    pacs = peer(db)
    first = reading()
    version_id = read_next(db, first)
    held = claim_publish(db)
    read_again(db, instance_id, reading())
    store_results(db, held, [built(spool, first, version_id, pacs)])
    assert states(db) == [DeliveryState.OBSOLETE]
    assert len(listed(db)) == 1


@pytest.mark.parametrize(
    ("demo", "accepts", "held", "state"),
    [
        (True, False, False, DeliveryState.HELD),
        (True, True, False, DeliveryState.WAITING),
        (False, False, False, DeliveryState.WAITING),
        (False, False, True, DeliveryState.HELD),
    ],
)
def test_demo_results_are_held_back_whatever_the_builder_says(
    db: Database, spool: Spool, *, demo: bool, accepts: bool, held: bool, state: DeliveryState
) -> None:
    film(db, spool)
    said = reading(demo=demo)
    version_id = read_next(db, said)
    publish(db, built(spool, said, version_id, peer(db, accepts_demo=accepts), held=held))
    assert states(db) == [state]


def test_a_study_without_peers_keeps_its_results(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said)))
    assert count(db, ResultObject) == 1
    assert count(db, Delivery) == 0


def test_an_old_claim_stores_nothing(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    version_id = read_next(db, said)
    held = claim_publish(db)
    old = Claim(held.job_id, held.kind, None, held.study_id, held.token - 1, 1, "w")
    with pytest.raises(LostLeaseError):
        store_results(db, old, [built(spool, said, version_id)])
    assert count(db, ResultObject) == 0


def test_a_reading_while_the_study_is_published_is_published_next(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    first = reading()
    version_id = read_next(db, first)
    held = claim_publish(db)
    film(db, spool)
    second = reading()
    later = read_next(db, second)
    store_results(db, held, [built(spool, first, version_id)])
    assert listed(db) == [later]
    publish(db, built(spool, second, later))
    assert listed(db) == []
