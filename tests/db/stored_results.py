"""Results that a peer said it stored, for tests of what is asked about them afterwards."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.clock import now
from core.commitment_report import CommitmentReport, Reference
from core.commitment_settings import CommitmentSettings
from core.reading import Reading
from core.states import DRAFT_KINDS, CommitmentWay
from db.commitment_answers import Taken, take_report
from db.commitment_requests import Request, open_request
from db.commitments import StoredObject
from db.deliveries import mark_sent
from db.engine import Database
from db.models import Commitment, Delivery, Peer, ResultObject
from db.spool import Spool
from tests.db.builders import built, film, peer, publish, read_next, reading

RULES = CommitmentSettings(maximum_requests=3, maximum_losses=2)


def asked_peer(db: Database, name: str = "pacs", **values: Any) -> int:
    """Enter a peer that is asked for storage commitment, and give its number."""
    number = peer(db, name)
    facts: dict[str, Any] = {"commitment": CommitmentWay.ASK, "ae_title": name.upper()}
    with db.write() as session:
        session.execute(update(Peer).where(Peer.id == number).values(**(facts | values)))
    return number


def store(
    db: Database, spool: Spool, *peer_ids: int, study: str = "1.2.3", said: Reading | None = None
) -> int:
    """Make the three results of one new film, as if stored at peers; give their study's number."""
    film(db, spool, study=study)
    said = said or reading()
    version_id = read_next(db, said)
    publish(db, *(built(spool, said, version_id, *peer_ids, kind=kind) for kind in DRAFT_KINDS))
    with db.read() as session:
        ids = session.scalars(
            select(Delivery.id)
            .join(Delivery.result)
            .where(ResultObject.reading_id == said.id)
            .order_by(Delivery.id)
        ).all()
    stored_again(db, *ids)
    with db.read() as session:
        return session.scalars(
            select(ResultObject.study_id).order_by(ResultObject.id.desc()).limit(1)
        ).one()


def stored_again(db: Database, *delivery_ids: int) -> None:
    """Note that objects were stored, a minute ago."""
    for delivery_id in delivery_ids:
        with db.write() as session:
            mark_sent(session, delivery_id, 0, "0x0000 Success")
            session.get_one(Delivery, delivery_id).sent_at = now() - timedelta(minutes=1)


def open_for(db: Database, peer_id: int, study_id: int) -> Request | None:
    """Note a request."""
    with db.write() as session:
        return open_request(session, peer_id, study_id, maximum_requests=RULES.maximum_requests)


def asked(db: Database, peer_id: int, study_id: int) -> Request:
    """Note a request, which there must be reason for."""
    request = open_for(db, peer_id, study_id)
    assert request is not None
    return request


def told(
    db: Database,
    request: Request,
    kept: Iterable[StoredObject] = (),
    failed: dict[StoredObject, int] | None = None,
    *,
    by: str = "PACS",
) -> Taken:
    """Report on a request."""
    report = CommitmentReport(
        request.transaction_uid,
        frozenset(map(reference, kept)),
        {reference(one): reason for one, reason in (failed or {}).items()},
    )
    with db.write() as session:
        named = session.scalars(select(Peer.id).where(Peer.ae_title == by)).all()
        return take_report(session, named, report, RULES)


def reference(stored: StoredObject) -> Reference:
    """Give an object as a report names it."""
    return Reference(stored.sop_class_uid, stored.uid)


def ways(db: Database) -> list[Delivery]:
    """All deliveries, oldest first."""
    with db.read() as session:
        query = select(Delivery).order_by(Delivery.id).options(joinedload(Delivery.result))
        return list(session.scalars(query))


def rows(db: Database) -> list[Commitment]:
    """All requests, oldest first."""
    with db.read() as session:
        return list(session.scalars(select(Commitment).order_by(Commitment.id)))


def hurry(db: Database) -> None:
    """Let every pause before another request be over; no two rows are locked together."""
    for one in ways(db):
        with db.write() as session:
            session.execute(
                update(Delivery)
                .where(Delivery.id == one.id, Delivery.ask_at.is_not(None))
                .values(ask_at=now())
            )
