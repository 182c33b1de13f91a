"""What is asked of a database with rejected films in it."""

from sqlalchemy import select

from core.states import DeliveryState, JobKind, JobState
from db.deliveries import mark_sent
from db.engine import Database
from db.models import (
    Delivery,
    Instance,
    Job,
    Study,
)
from db.retractions import (
    Retraction,
    left_behind,
    to_take_back,
)


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
