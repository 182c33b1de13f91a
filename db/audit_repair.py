"""Puts the audit's head right where it does not name the last event, so that events can be added.

Only the database's owner can bring that about, and only the owner can put it right. Nothing is
hidden by it: the event that it adds says what the head was.
"""

from sqlalchemy import delete, insert, select

from db.audit import record
from db.audit_chain import End
from db.audit_guards import unguarded_head
from db.engine import Database
from db.models import AuditAction, AuditEvent, AuditHead


def repair_head(db: Database, actor: str) -> tuple[End | None, End] | None:
    """Let the head name the last event that is there.

    Parameters
    ----------
    db
        Under the login that owns the tables.
    actor
        Who wants it.

    Returns
    -------
    tuple of End, or None
        The head as it was (None where it was missing) and as it became; None where nothing was
        wrong with it.
    """
    with db.write() as session:
        with unguarded_head(session.connection()):
            heads = [
                End(*row) for row in session.execute(select(AuditHead.last_id, AuditHead.hash))
            ]
            last = session.execute(
                select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
            ).first()
            right = End() if last is None else End(last.id, last.hash)
            if heads == [right]:
                return None
            session.execute(delete(AuditHead))
            session.execute(insert(AuditHead).values(id=1, last_id=right.last_id, hash=right.hash))
        was = heads[0] if heads else None
        record(
            session,
            AuditAction.AUDIT_HEAD_REPAIRED,
            actor=actor,
            was=None if was is None else {"id": was.last_id, "hash": was.hash},
            now={"id": right.last_id, "hash": right.hash},
        )
    return was, right
