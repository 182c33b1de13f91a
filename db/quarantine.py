"""Keeps objects aside, with the reason, where nothing reads or deletes them."""

import hashlib
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.uids import MAX_UID_LENGTH
from db.audit import record
from db.engine import Database
from db.insert import insert_if_absent
from db.models import AuditAction, Quarantine
from db.received import IntakeKind, IntakeOutcome
from db.spool import Spool

A_NOTE: Final = "rejection note: "
"""How the reason begins where what was set aside would have rejected films."""


def set_aside(
    db: Database,
    spool: Spool,
    temporary: Path,
    *,
    reason: str,
    sop_instance_uid: str = "",
    study_uid: str = "",
    calling_ae: str = "",
    called_ae: str = "",
) -> IntakeOutcome:
    """Keep an object in quarantine; the same bytes again only count up.

    Where the file of the first was removed, the new one takes its place, and somebody decides anew.

    Parameters
    ----------
    db, spool
        Where.
    temporary
        Its file, at a path of `Spool.temporary`; it is moved or removed.
    reason
        Why, in words.
    sop_instance_uid, study_uid
        As far as they are known; untrusted, and cut to the length of a UID.
    calling_ae, called_ae
        Who sent it, and to which of our titles.

    Returns
    -------
    IntakeOutcome
        `quarantined`, with the reason; committed.

    Raises
    ------
    DatabaseAwayError, StorageFullError
        If it could not be kept; the file is removed, and nothing may be acknowledged.
    """
    kept: Path | None = None
    flushed = False
    try:
        digest = _sha256(temporary)
        kept = spool.keep(temporary, "quarantined.dcm")
        with db.write() as session:
            new = _enter(
                session,
                sop_instance_uid=sop_instance_uid[:MAX_UID_LENGTH],
                study_uid=study_uid[:MAX_UID_LENGTH],
                sha256=digest,
                calling_ae=calling_ae,
                called_ae=called_ae,
                reason=reason,
                path=str(kept),
            )
            session.flush()
            flushed = True
    except Exception:
        temporary.unlink(missing_ok=True)
        # After a failed commit nobody knows whether a row speaks of the file.
        if kept is not None and not flushed:
            kept.unlink(missing_ok=True)
        raise
    if not new:
        kept.unlink()
    return IntakeOutcome(IntakeKind.QUARANTINED, reason=reason)


def waiting_notes(session: Session, study_uid: str) -> tuple[str, ...]:
    """Give why rejection notes on films of a study were set aside, the oldest first."""
    return tuple(
        reason.removeprefix(A_NOTE)
        for reason in session.scalars(
            select(Quarantine.reason)
            .where(
                Quarantine.study_uid == study_uid,
                Quarantine.reason.startswith(A_NOTE),
                Quarantine.decision.is_(None),
            )
            .order_by(Quarantine.id)
        )
    )


def count_waiting_notes(session: Session) -> int:
    """Count the rejection notes that were set aside."""
    return session.scalars(
        select(func.count())
        .select_from(Quarantine)
        .where(
            Quarantine.reason.startswith(A_NOTE),
            Quarantine.removed_at.is_(None),
            Quarantine.decision.is_(None),
        )
    ).one()


def _enter(
    session: Session, *, sop_instance_uid: str, sha256: str, calling_ae: str, **columns: str
) -> bool:
    if insert_if_absent(
        session,
        Quarantine,
        sop_instance_uid=sop_instance_uid,
        sha256=sha256,
        calling_ae=calling_ae,
        **columns,
    ):
        record(
            session,
            AuditAction.OBJECT_QUARANTINED,
            actor=calling_ae,
            sop_instance_uid=sop_instance_uid,
            reason=columns["reason"],
        )
        return True
    same = (Quarantine.sop_instance_uid == sop_instance_uid, Quarantine.sha256 == sha256)
    session.execute(
        update(Quarantine).where(*same).values(times=Quarantine.times + 1, last_at=now())
    )
    anew = session.execute(
        update(Quarantine)
        .where(*same, Quarantine.removed_at.is_not(None))
        .values(
            path=columns["path"], removed_at=None, decision=None, decided_by="", decided_at=None
        )
        .returning(Quarantine.id)
    ).first()
    return anew is not None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
