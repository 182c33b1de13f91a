"""Signed reports: drafts that were not sent by then stay here, and are flagged all the same.

Covered on both databases. Not covered: which objects are signed reports (tests/gateway).
"""

import pytest
from sqlalchemy import select

from core.labels import Label
from core.states import DeliveryState, JobKind, StudyState
from core.triage import Tier
from db.deliveries import mark_retry, mark_sent, put_back
from db.engine import Database
from db.jobs import claim
from db.models import AuditAction, AuditEvent, Delivery, SignedReport
from db.obsolete import SUPERSEDED
from db.publishable import unpublished
from db.publishing import store_results
from db.signed_reports import AFTER_REPORT
from db.spool import Spool
from db.worklist import worklist
from tests.db.builders import built, count, film, peer, publish, read_next, reading, reject, sign


def deliveries(db: Database) -> list[tuple[DeliveryState, str]]:
    with db.read() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id))
        return [(delivery.state, delivery.words) for delivery in rows]


def test_what_waits_or_is_held_becomes_obsolete_and_what_was_sent_stays(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading(demo=True)
    version = read_next(db, said)
    first, second = peer(db, "a", accepts_demo=True), peer(db, "b", accepts_demo=True)
    publish(db, built(spool, said, version, first, second, peer(db, "real")))
    with db.write() as session:
        mark_sent(session, 1, 0, "success")
    sign(db, spool)
    assert deliveries(db) == [
        (DeliveryState.SENT, "success"),
        (DeliveryState.OBSOLETE, AFTER_REPORT),
        (DeliveryState.OBSOLETE, AFTER_REPORT),
    ]
    with db.read() as session:
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.REPORT_SIGNED)
        )
        (row,) = worklist(session)
    assert event.actor == "MODALITY"
    # One peer has the draft.
    assert row.undelivered == 0


def test_a_late_film_is_read_flagged_and_not_published(db: Database, spool: Spool) -> None:
    sign(db, spool)
    film(db, spool)
    said = reading(Label.PNEUMOTHORAX)
    read_next(db, said)
    with db.read() as session:
        assert unpublished(session, 1) == []
        (row,) = worklist(session)
    assert (row.state, row.tier) == (StudyState.DRAFT_READY, Tier.URGENT)
    assert (row.flagged, row.preferred_reading_id) == ((Label.PNEUMOTHORAX,), said.id)
    assert row.signed_since is not None
    assert row.undelivered == 1


def test_a_report_while_the_study_is_built_stops_the_draft(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    version = read_next(db, said)
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    sign(db, spool)
    store_results(db, held, [built(spool, said, version, peer(db))])
    assert deliveries(db) == [(DeliveryState.OBSOLETE, AFTER_REPORT)]
    with db.read() as session:
        assert worklist(session)[0].undelivered == 1


@pytest.mark.parametrize("when", ["before it was built", "while it was built", "while it waited"])
def test_a_draft_leaves_after_all_once_the_report_is_rejected(
    db: Database, spool: Spool, when: str
) -> None:
    film(db, spool)
    said = reading(demo=True)
    version = read_next(db, said)
    made = built(spool, said, version, peer(db, accepts_demo=True), peer(db, "real"))
    if when == "while it waited":
        publish(db, made)
    signed, again = sign(db, spool), sign(db, spool)
    if when != "while it waited":
        publish(db, *([made] if when == "while it was built" else []))
    reject(db, spool, again)
    with db.read() as session:
        assert unpublished(session, 1) == []
    reject(db, spool, signed)
    with db.read() as session:
        (item,) = unpublished(session, 1)
    assert item.version.id == version
    publish(db, made)
    assert [state for state, _ in deliveries(db)] == [DeliveryState.WAITING, DeliveryState.HELD]


def test_what_nobody_knows_of_leaves_again_and_what_is_there_does_not(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading()
    made = built(spool, said, read_next(db, said), *(peer(db, name) for name in "abc"))
    publish(db, made)
    with db.write() as session:
        mark_sent(session, 1, 0, "success")
        put_back(session.get_one(Delivery, 1))
        mark_retry(session, 2, None, "no answer")
    signed = sign(db, spool)
    with db.write() as session:
        session.get_one(Delivery, 3).words = SUPERSEDED
    reject(db, spool, signed)
    with db.write() as session:
        session.get_one(Delivery, 3).attempts = 1
    publish(db, made)
    states = [state for state, _ in deliveries(db)]
    assert states == [DeliveryState.OBSOLETE, DeliveryState.WAITING, DeliveryState.OBSOLETE]


def test_a_draft_that_nobody_was_to_get_is_not_called_undelivered(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said)))
    sign(db, spool)
    with db.read() as session:
        assert worklist(session)[0].undelivered == 0


def test_another_study_is_not_held_up(db: Database, spool: Spool) -> None:
    sign(db, spool, study="1.2.4")
    film(db, spool)
    read_next(db, reading())
    with db.read() as session:
        rows = {row.study_uid: row for row in worklist(session)}
        assert len(unpublished(session, rows["1.2.3"].study_id)) == 1
    assert (rows["1.2.3"].signed_since, rows["1.2.3"].undelivered) == (None, 0)


def test_each_report_is_known_once(db: Database, spool: Spool) -> None:
    sign(db, spool)
    sign(db, spool)
    assert count(db, SignedReport) == 2
    with db.read() as session:
        titles = session.scalars(select(SignedReport.title)).all()
    assert titles == ["Chest X-ray", "Chest X-ray"]
