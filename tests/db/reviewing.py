"""Persons who review drafts, for the tests of `db`."""

from sqlalchemy import select

from core.reading import Reading
from core.report import ReportVersion
from core.states import (
    DRAFT_KINDS,
    DeliveryState,
    JobKind,
    ResultKind,
)
from db.deliveries import mark_sent
from db.engine import Database
from db.jobs import add_job
from db.models import (
    AuditAction,
    AuditEvent,
    Delivery,
    ResultObject,
)
from db.publishable import unpublished
from db.retractions import Retraction, to_take_back
from db.reviews import UNFIT, Seen, accept, edit, latest_draft, reject
from db.spool import Spool
from db.worklist import WorklistRow, worklist
from tests.db.builders import (
    built,
    publish,
    read_next,
)

STUDY = "1.2.3"
DOC, OTHER = "Doctor^Dora", "Second^Sam"
SENT, WAITING, OBSOLETE = DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.OBSOLETE


def seen(db: Database, film_uid: str | None = None) -> Seen:
    with db.read() as session:
        return latest_draft(session, STUDY, film_uid)


def accepted(db: Database, by: str = DOC, *, final: bool = False) -> ReportVersion:
    with db.write() as session:
        return accept(session, latest_draft(session, STUDY), author=by, final=final)


def edited(db: Database, words: str = "Other words.", by: str = DOC) -> ReportVersion:
    with db.write() as session:
        return edit(
            session,
            latest_draft(session, STUDY),
            findings=words,
            impression="",
            author=by,
            final=False,
        )


def rejected(db: Database, code: str = UNFIT) -> None:
    with db.write() as session:
        reject(session, latest_draft(session, STUDY), author=DOC, reason="Wrong side.", code=code)


def listed(db: Database) -> dict[str, frozenset[ResultKind]]:
    with db.read() as session:
        return {item.version.id: item.kinds for item in unpublished(session, 1)}


def deliveries(db: Database) -> list[tuple[ResultKind, DeliveryState, str]]:
    with db.read() as session:
        return [
            (kind, delivery.state, delivery.words)
            for kind, delivery in session.execute(
                select(ResultObject.kind, Delivery).join(Delivery.result).order_by(Delivery.id)
            )
        ]


def all_sent(db: Database) -> None:
    with db.write() as session:
        waiting = select(Delivery.id).where(Delivery.state == WAITING)
        for number in session.scalars(waiting):
            mark_sent(session, number, 0, "success")


def row(db: Database) -> WorklistRow:
    with db.read() as session:
        (found,) = worklist(session)
    return found


def retractions(db: Database) -> list[Retraction]:
    with db.read() as session:
        return to_take_back(session, 1)


def publish_draft(db: Database, spool: Spool, said: Reading, version: str, *peers: int) -> None:
    """Publish the default kinds of a draft."""
    publish(db, *(built(spool, said, version, *peers, kind=kind) for kind in DRAFT_KINDS))


def read_again(db: Database, instance_id: int, said: Reading) -> str:
    with db.write() as session:
        add_job(session, JobKind.DRAFT, instance_id=instance_id, study_id=1)
    return read_next(db, said)


def events(db: Database, action: AuditAction) -> list[AuditEvent]:
    with db.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))
